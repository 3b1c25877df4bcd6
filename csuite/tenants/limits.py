"""Rate limits: rows say how often, the cache counts (django-ratelimit's windows), every refusal is logged.

A window has a fixed length and its own beginning for each key, so that not all windows end together. Refused tries
count as well; they change nothing until the window ends.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django_ratelimit import ALL
from django_ratelimit.core import EXPIRATION_FUDGE, _get_window, _make_cache_key, get_usage

from csuite.tenants.models import Limit, Membership, Tenant
from csuite.tenants.problems import Problem
from csuite.tenants.seeds import DEFAULT_LIMITS, INNER_LIMITS

log = structlog.get_logger(__name__)

WORDS = {
    "chat": "Your company has asked its questions for now",
    "api": "Too many requests",
    "expensive": "Large operations are limited to a few an hour",
    "user_minute": "You have asked many questions within a minute",
    "user_day": "You have asked your questions for today",
    "connection_test": "Connections were tested often enough for now",
    "misses": "Too much was asked for that does not exist",
}
# The counter's key must not depend on the amount, or every change of a limit would forget what was used.
_UNBOUNDED = 2**31
_RATES_KEPT = 2.0  # seconds that another process's change of a limit may take to hold for questions


@dataclass(frozen=True, slots=True)
class Rate:
    amount: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Where a key stands in its window: `used` of `limit`, the window ends in `reset` seconds."""

    name: str
    limit: int
    used: int
    reset: int
    seconds: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }

    def problem(self) -> Problem:
        words = f"{WORDS.get(self.name, 'Too many tries')}; try again in {_duration(self.reset)}."
        return Problem("rate_limited", words, retry_after=self.reset, headers=self.headers())


def _duration(seconds: int) -> str:
    for length, word in ((3600, "hour"), (60, "minute")):
        if seconds >= 2 * length:
            return f"{round(seconds / length)} {word}s"
    return "1 second" if seconds == 1 else f"{seconds} seconds"


def rates(names: Iterable[str], tenant: Tenant | None) -> dict[str, Rate]:
    """What holds for a tenant (None: for nobody's): its own row before its plan's before the default."""
    names = list(names)
    mine = Q(tenant=None, plan="")
    if tenant is not None:
        mine |= Q(tenant=None, plan=tenant.plan) | Q(tenant=tenant)
    found = {name: Rate(*(DEFAULT_LIMITS | INNER_LIMITS)[name]) for name in names}
    rows = sorted(Limit.objects.filter(mine, name__in=names), key=lambda row: (row.tenant_id is not None, row.plan))
    found |= {row.name: Rate(row.amount, max(1, row.seconds)) for row in rows}
    shrunk = cache.get_many([_factor_key(name) for name in names])
    return {name: _scaled(rate, _factor(shrunk.get(_factor_key(name)))) for name, rate in found.items()}


def _scaled(rate: Rate, factor: float) -> Rate:
    """A shrunk limit keeps at least one, unless it was zero."""
    return Rate(min(rate.amount, max(1, int(rate.amount * factor))), rate.seconds)


def _factor_key(name: str) -> str:
    return f"limit-shrunk:{name}"


def _factor(kept: Sequence[float] | None) -> float:
    """What a shrunk limit has come back to by now: [factor, when, step, every]."""
    if not kept:
        return 1.0
    least, since, step, every = kept
    return float(min(1.0, least + step * max(0, int((time.time() - since) // every))))


def factor(name: str) -> float:
    """How much of its amount a limit has now, 0 to 1."""
    return _factor(cache.get(_factor_key(name)))


def shrink(name: str, factor: float, *, step: float, every: int) -> None:
    """Shrinks a limit for everybody to `factor` (0 to 1) of its amount; every so many seconds it gets `step` back.

    For all processes at once (within two seconds for questions).
    """
    back = int((1 - factor) / step + 1) * every
    log.warning("limit_scaled", limit=name, factor=factor, seconds=back)
    cache.set(_factor_key(name), [float(factor), time.time(), step, every], back)
    _forget_rates()


def _count(name: str, key: str, rate: Rate, *, increment: bool) -> Usage:
    def who(group: str, request: Any) -> str:
        return key

    seen = get_usage(None, group=f"limit:{name}", key=who, rate=(_UNBOUNDED, rate.seconds), increment=increment)  # type: ignore[no-untyped-call]
    if seen["time_left"] < 0:  # the counter could not be read: refuse rather than let everything through
        return Usage(name, rate.amount, rate.amount + 1, 1, rate.seconds)
    return Usage(name, rate.amount, seen["count"], max(1, seen["time_left"]), rate.seconds)


def take(name: str, key: str, tenant: Tenant | None = None) -> Usage:
    """Counts one and says where the key stands; `exceeded` is for the caller to act on, the log line is written."""
    return _take(name, key, rates([name], tenant)[name])


def _take(name: str, key: str, rate: Rate) -> Usage:
    return _logged(_count(name, key, rate, increment=True), key)


def _logged(usage: Usage, key: str) -> Usage:
    if usage.exceeded:
        log.warning("rate_limited", limit=usage.name, key=key, amount=usage.limit, seconds=usage.seconds)
    return usage


def check(name: str, key: str, tenant: Tenant | None = None) -> Usage:
    """Counts one. Raises Problem("rate_limited") with retry_after when that is too many."""
    usage = take(name, key, tenant)
    if usage.exceeded:
        raise usage.problem()
    return usage


_kept_rates: dict[UUID, tuple[float, dict[str, Rate]]] = {}


def _forget_rates(**kwargs: Any) -> None:
    _kept_rates.clear()


post_save.connect(_forget_rates, sender=Limit)
post_delete.connect(_forget_rates, sender=Limit)


def _chat_rates(tenant: Tenant) -> dict[str, Rate]:
    """What holds for a tenant's questions; read every two seconds at most, and at once after a change made here."""
    until, held = _kept_rates.get(tenant.pk, (0.0, {}))
    if time.monotonic() >= until:
        if len(_kept_rates) > 1000:
            _kept_rates.clear()
        held = rates(("user_minute", "user_day", "chat"), tenant)
        _kept_rates[tenant.pk] = (time.monotonic() + _RATES_KEPT, held)
    return held


def take_chat(member: Membership) -> None:
    """One question (a boardroom is one). Raises Problem("rate_limited").

    The person's own limits come first: who is over them takes nothing from her company.
    """
    person, company = str(member.user_id), str(member.tenant_id)
    for usage in _take_in_turn(
        {"user_minute": person, "user_day": person, "chat": company}, _chat_rates(member.tenant)
    ):
        if usage.exceeded:
            raise usage.problem()


def _take_in_turn(keys: Mapping[str, str], held: Mapping[str, Rate]) -> Sequence[Usage]:
    """Counts one for each name until one is exceeded, which then is the last.

    The windows and keys are django-ratelimit's; its calls to the cache, two for each name, are one for all where
    the cache can do that (pgcache.py).
    """
    if not hasattr(cache, "count_in_turn"):
        used: list[Usage] = []
        for name, key in keys.items():
            used.append(_take(name, key, held[name]))
            if used[-1].exceeded:
                break
        return used
    ends = {name: _get_window(key, held[name].seconds) for name, key in keys.items()}  # type: ignore[no-untyped-call]
    steps = [
        (_counter(name, key, held[name], ends[name]), held[name].amount, held[name].seconds + EXPIRATION_FUDGE)
        for name, key in keys.items()
    ]
    counted, now = cache.count_in_turn(steps), int(time.time())
    return [
        _logged(Usage(name, held[name].amount, number, max(1, ends[name] - now), held[name].seconds), keys[name])
        for name, number in zip(keys, counted, strict=False)  # fewer were counted when one was exceeded
    ]


def _counter(name: str, key: str, rate: Rate, window: int) -> str:
    """The key under which get_usage counts, so that `standing` sees the same."""
    return str(_make_cache_key(f"limit:{name}", window, (_UNBOUNDED, rate.seconds), key, ALL))  # type: ignore[no-untyped-call]


def take_expensive(member: Membership) -> None:
    """One large import, eval run, re-index, batch or month's export. Raises Problem("rate_limited")."""
    check("expensive", str(member.tenant_id), member.tenant)


def take_api(request: HttpRequest) -> Usage:
    """One request of a program: from its tenant's limit, or from its address's if it is not signed in."""
    member: Membership | None = getattr(request, "member", None)
    if member:
        return take("api", str(member.tenant_id), member.tenant)
    return take("api", f"address:{address(request)}")


def standing(member: Membership) -> list[Usage]:
    """Where the member stands, without counting anything."""
    keys = {name: member.user_id if name.startswith("user_") else member.tenant_id for name in DEFAULT_LIMITS}
    held = rates(keys, member.tenant)
    return [_count(name, str(key), held[name], increment=False) for name, key in keys.items()]


def address(request: HttpRequest) -> str:
    """The client's address. What a client claims counts only behind our own proxy, which appends the last one."""
    claimed = request.headers.get("X-Forwarded-For", "") if settings.TRUST_PROXY else ""
    return claimed.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR") or "unknown")
