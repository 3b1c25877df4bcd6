"""Months and fiscal years. A period is the first day of its month."""

from datetime import date, timedelta

NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def first_of(day: date) -> date:
    return day.replace(day=1)


def shift(period: date, months: int) -> date:
    """The period `months` later (earlier if negative)."""
    index = period.year * 12 + period.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def last_day(period: date) -> date:
    return shift(period, 1) - timedelta(days=1)


def between(first: date, last: date) -> int:
    """Whole months from `first` to `last`; negative if `last` is earlier."""
    return (last.year - first.year) * 12 + last.month - first.month


def span(first: date, last: date) -> tuple[date, ...]:
    """Every period from `first` to `last`, both included; empty if `last` is earlier."""
    return tuple(shift(first, n) for n in range(between(first, last) + 1))


def last_closed(today: date) -> date:
    """The month before this one: the newest that can be closed."""
    return shift(first_of(today), -1)


def year_start(period: date, start_month: int) -> date:
    """The first month of the fiscal year that `period` lies in."""
    return shift(period, -((period.month - start_month) % 12))


def quarter_start(period: date, start_month: int) -> date:
    return shift(period, -((period.month - start_month) % 3))


def quarter_number(period: date, start_month: int) -> int:
    return (period.month - start_month) % 12 // 3 + 1


def long(period: date, newest: date | None = None) -> str:
    """`October`, or `October 2025` when it is not among the twelve months up to `newest`."""
    name = NAMES[period.month - 1]
    recent = newest is not None and 0 <= between(period, newest) < 12
    return name if recent else f"{name} {period.year}"


def short(period: date, newest: date | None = None) -> str:
    """`Oct` or `Oct 2025`."""
    name, *year = long(period, newest).split()
    return " ".join([name[:3], *year])


def day(when: date) -> str:
    return f"{when.day} {NAMES[when.month - 1]} {when.year}"
