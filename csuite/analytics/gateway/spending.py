"""`GET /api/v1/llm/usage/<user>`: what one person used in a period, and what she has left."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from csuite.analytics.budgets.standing import least_left, read
from csuite.analytics.calls import TOKENS, Month, corrected
from csuite.analytics.gateway.answers import ProblemOut, amount
from csuite.analytics.models import LedgerEntry
from csuite.tenants import limits
from csuite.tenants.api import LimitOut, standing_of
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Membership, Role
from csuite.tenants.problems import Problem

router = Router(tags=["llm"])
LONGEST = timedelta(days=366)
MAY_SEE_OTHERS = (Role.FINANCE, Role.ADMIN)


class Wanted(Schema):
    """Half-open, in UTC: `from` belongs to the period, `to` does not. Without them: this month until now."""

    since: datetime | None = Field(None, alias="from")
    until: datetime | None = Field(None, alias="to")


class PeriodOut(Schema):
    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")


class Money(Schema):
    currency: str
    amount: str


class SumOut(Schema):
    """Attempts, their tokens, and the cost of those with a known price, in each currency."""

    calls: int
    failed: int
    estimated_calls: int
    unpriced_calls: int
    tokens: int
    prompt: int
    completion: int
    cached: int
    reasoning: int
    costs: list[Money]


class ModelSum(SumOut):
    provider: str
    model: str


class PersonaSum(SumOut):
    persona: str


class UserUsage(Schema):
    user: UUID
    period: PeriodOut
    totals: SumOut
    by_model: list[ModelSum]
    by_persona: list[PersonaSum]
    limits: list[LimitOut]
    budget_left: list[Money] = Field(description="What the tightest budget leaves, in each currency; empty: no limit.")


@router.get("/usage/{user}", response={200: UserUsage, 404: ProblemOut}, by_alias=True, url_name="llm_usage")
def usage(request: MemberRequest, user: str, period: Query[Wanted]) -> dict[str, Any]:
    """Yours (`me` or your id); finance and admins see everybody's in their company."""
    person = _person(request.member, user)
    start, end = _period(period.since, period.until)
    rows = LedgerEntry.objects.filter(user=person.user_id, started_at__gte=start, started_at__lt=end).order_by()
    return {
        "user": person.user_id,
        "period": {"from": start, "to": end},
        "totals": next(iter(_sums(rows)), _nothing()),
        "by_model": _sums(rows, "provider", "model"),
        "by_persona": _sums(rows, "persona"),
        "limits": standing_of(limits.standing(person)),
        "budget_left": _left(person),
    }


def _person(member: Membership, named: str) -> Membership:
    """Raises Problem("not_found") for whoever is not there, and for everybody one may not see."""
    if named in ("me", str(member.user_id)):
        return member
    nobody = Problem("not_found", "There is no such person.")
    if member.role not in MAY_SEE_OTHERS:
        raise nobody
    try:
        wanted = UUID(named)
    except ValueError:
        raise nobody from None
    found = Membership.objects.filter(tenant_id=member.tenant_id, user_id=wanted).select_related("tenant").first()
    if found is None:
        raise nobody
    return found


def _left(person: Membership) -> list[dict[str, Any]]:
    """What her next question may cost at most, by the budgets of her company and herself."""
    standings = read(person.tenant_id, [{"user": str(person.user_id)}])
    left = {currency: least_left(standings, currency) for currency in sorted({one.currency for one in standings})}
    return [{"currency": currency, "amount": amount(most)} for currency, most in left.items() if most is not None]


def _period(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """Raises Problem("bad_frame") for one that is empty or longer than a year."""
    start = _utc(since) if since else Month.of(timezone.now()).start
    end = _utc(until) if until else max(timezone.now(), start + timedelta(seconds=1))
    if not start < end <= start + LONGEST:
        raise Problem("bad_frame", "A period begins before it ends and is a year at most.")
    return start, end


def _utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise Problem("bad_frame", "That is no time.") from None


def _sums(rows: "QuerySet[LedgerEntry]", *by: str) -> list[dict[str, Any]]:
    """One sum for each value of `by`, the busiest first; one for all without it, none for no rows."""
    counted = (
        corrected(rows)
        .values(*by, "paid_in")
        .annotate(
            calls=Count("id"),
            failed=Count("id", filter=~Q(error_kind__in=["", "cancelled"])),
            estimated_calls=Count("id", filter=Q(estimated=True)),
            unpriced_calls=Count("id", filter=Q(paid=None)),
            tokens=Coalesce(Sum(TOKENS), 0),
            **{name: Coalesce(Sum(f"{name}_tokens"), 0) for name in ("prompt", "completion", "cached", "reasoning")},
            sum_of_cost=Sum("paid"),
        )
    )
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in counted:
        currency, cost = row.pop("paid_in"), row.pop("sum_of_cost")
        into = merged.setdefault(tuple(row[name] for name in by), {**_nothing(), **{name: row[name] for name in by}})
        for name in _nothing().keys() - {"costs"}:
            into[name] += row[name]
        if cost is not None:
            into["costs"].append({"currency": currency, "amount": amount(cost)})
    return sorted(merged.values(), key=lambda row: -row["calls"])


def _nothing() -> dict[str, Any]:
    names = ("calls", "failed", "estimated_calls", "unpriced_calls", "tokens")
    return dict.fromkeys((*names, "prompt", "completion", "cached", "reasoning"), 0) | {"costs": []}
