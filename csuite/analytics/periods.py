"""The times that finance looks at: a month, a quarter, a year, or any days. All in UTC and half-open."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from django.http import QueryDict

from csuite.analytics.calls import Month

DAILY = 62  # days; a longer time is drawn by month
LONGEST = timedelta(days=3 * 366)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """`month` if it is exactly one calendar month; `name` is what the picker calls it."""

    name: str
    since: datetime
    until: datetime
    month: Month | None = None

    @property
    def last_day(self) -> date:
        return (self.until - DAY).date()

    @property
    def first_as(self) -> str:
        """How its first day is written where the last one follows: what they share is said once."""
        last = self.last_day
        if last.year != self.since.year:
            return "j F Y"
        return "j" if last.month == self.since.month else "j F"

    @property
    def granularity(self) -> str:
        return "day" if (self.until - self.since).days <= DAILY else "month"

    @property
    def query(self) -> str:
        if self.month:
            return urlencode({"month": str(self.month)})
        return urlencode({"from": self.since.date().isoformat(), "to": self.last_day.isoformat()})


def month(of: Month) -> Period:
    return Period(f"{of.start:%B}", of.start, of.end, of)


def choose(query: QueryDict, now: datetime) -> tuple[Period, str]:
    """The period that is asked for, this month without one, and what was wrong with the question ("" if nothing)."""
    if query.get("from") or query.get("to"):
        return _custom(query, now)
    asked = query.get("month", "")
    found = Month.parse(asked)
    if asked and found is None:
        return month(Month.of(now)), "A month is written like 2026-11."
    return month(found or Month.of(now)), ""


def _custom(query: QueryDict, now: datetime) -> tuple[Period, str]:
    """`from` and `to` are days, both included."""
    this = month(Month.of(now))
    try:
        first, last = date.fromisoformat(query.get("from", "")), date.fromisoformat(query.get("to", ""))
        since, until = (datetime.combine(day, time(), UTC) for day in (first, last + DAY))
    except (ValueError, OverflowError):
        return this, "Choose a first and a last day, written like 2026-11-20."
    if since >= until:
        return this, "The first day lies before the last one."
    if until - since > LONGEST:
        return this, "Choose at most three years."
    return _named(since, until, now), ""


def _named(since: datetime, until: datetime, now: datetime) -> Period:
    for known in offered(now):
        if (known.since, known.until) == (since, until):
            return known
    return Period("Custom", since, until)


def offered(now: datetime) -> list[Period]:
    """What the picker offers: this month, the last one, this quarter, the last twelve months."""
    this = Month.of(now)
    quarter = this.plus(-((this.number - 1) % 3))
    return [
        month(this),
        month(this.plus(-1)),
        Period("Quarter", quarter.start, quarter.plus(3).start),
        Period("12 months", this.plus(-11).start, this.end),
    ]


def before(period: Period, now: datetime) -> tuple[datetime, datetime] | None:
    """The same days of the month before, as far as this one has come; None for what is no month."""
    if period.month is None:
        return None
    last = period.month.plus(-1)
    days = min(now, period.until) - period.since
    if days <= timedelta(0):
        return None
    whole = datetime.combine((period.since + days).date(), time(), UTC) + (DAY if now < period.until else timedelta(0))
    return last.start, min(last.start + (whole - period.since), last.end)


def as_moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
