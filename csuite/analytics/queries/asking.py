"""What a query is asked for: whose cells, which time, how fine, by what. Words for whoever asks wrongly."""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone

from csuite.analytics.rollups.filling import day_of, oldest_hour
from csuite.analytics.rollups.measures import DAY, HOUR
from csuite.tenants.problems import Problem

GRANULARITIES = ("hour", "day", "month")
PAGE = 200
_STAMP = "%Y-%m-%dT%H:%M:%SZ"
MOST_HOURS = timedelta(days=31)
MOST_DAYS = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Ask:
    """Half-open, in UTC. `granularity` "" is one row for the whole time; `display`: convert to it where rates exist;
    `moved`: the months in which one of those rates is not that of their first day throughout."""

    tenants: tuple[UUID, ...]
    since: datetime
    until: datetime
    granularity: str = ""
    group: str = ""
    after: tuple[str, ...] = ()
    limit: int = PAGE
    display: str = ""
    moved: frozenset[datetime] = frozenset()

    @property
    def span(self) -> str:
        """Days answer, unless hours are asked for or the time does not begin and end with a day."""
        return HOUR if self.granularity == "hour" or not _whole(DAY, self.since, self.until) else DAY


def period(since: str, until: str, granularity: str) -> tuple[datetime, datetime]:
    """The time that is meant, checked. Without `from`: this month, or the last 24 hours. Raises Problem 400."""
    if granularity and granularity not in GRANULARITIES:
        raise bad(f"granularity is one of {', '.join(GRANULARITIES)}")
    now = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    end = _moment("to", until) if until else (now if granularity == "hour" else day_of(now) + timedelta(days=1))
    if since:
        begin = _moment("from", since)
    elif granularity == "hour":
        begin = end - timedelta(hours=24)
    else:
        begin = day_of(end - timedelta(microseconds=1)).replace(day=1)
    _check(begin, end, granularity)
    return begin, end


def _check(begin: datetime, end: datetime, granularity: str) -> None:
    if begin >= end:
        raise bad("from lies before to")
    if not _whole(HOUR, begin, end):
        raise bad("from and to are whole hours in UTC")
    if granularity == "hour" or not _whole(DAY, begin, end):
        if end - begin > MOST_HOURS:
            raise bad(f"hours are given for at most {MOST_HOURS.days} days at once; ask for whole days in UTC instead")
        if begin < oldest_hour():
            raise bad(f"hours are kept since {oldest_hour():%Y-%m-%d}; ask for whole days in UTC instead")
    if end - begin > MOST_DAYS:
        raise bad("ask for at most three years at once")


def _whole(span: str, *moments: datetime) -> bool:
    return all((one.minute, one.second, one.microsecond) == (0, 0, 0) for one in moments) and (
        span == HOUR or all(one.hour == 0 for one in moments)
    )


def _moment(name: str, text: str) -> datetime:
    """A date, or a time with its offset; without one it is UTC."""
    try:
        if len(text) == len("2026-11-01"):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        # In an address that was not encoded a plus became a space.
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise bad(f"{name} is a date like 2026-11-01 or a time like 2026-11-01T09:00:00Z") from None


def cursor_of(keys: Iterable[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(keys), ensure_ascii=False).encode()).decode().rstrip("=")


def keys_of(cursor: str, count: int) -> tuple[str, ...]:
    """The keys of the last row that was seen. Raises Problem 400 for what we did not make."""
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        keys = None
    if not isinstance(keys, list) or len(keys) != count or not all(isinstance(key, str) for key in keys):
        raise bad("the cursor is the `next` of the same query, unchanged")
    return tuple(keys)


# How far a period may reach; cells beyond the last row are left out by its keys.
_LONGEST = {"hour": timedelta(hours=1), "day": timedelta(days=1), "month": timedelta(days=31)}


def within(ask: Ask, first: tuple[str, ...], last: tuple[str, ...]) -> Ask:
    """Only the time from the period of one row to that of another, by their keys; () leaves an end as it is."""
    if not ask.granularity:
        return ask
    since, until = ask.since, ask.until
    if first:
        since = max(since, period_of(first[0]))
    if last:
        until = min(until, period_of(last[0]) + _LONGEST[ask.granularity])
    return replace(ask, since=since, until=until)


def stamp(moment: datetime) -> str:
    return moment.strftime(_STAMP)


def period_of(key: str) -> datetime:
    try:
        return datetime.strptime(key, _STAMP).replace(tzinfo=UTC)
    except ValueError:  # only in a cursor that we did not make
        raise bad("the cursor is the `next` of the same query, unchanged") from None


def bad(words: str) -> Problem:
    return Problem("bad_frame", f"{words[0].upper()}{words[1:]}.")
