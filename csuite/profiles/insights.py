"""Insights as one person sees them: hers to put away, for good or until a day. Inside a tenant scope."""

from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from csuite.profiles.models import Insight, InsightMark
from csuite.tenants.models import User
from csuite.tenants.problems import Problem

NEW, SNOOZED, DISMISSED, OVER, ALL = "new", "snoozed", "dismissed", "over", "all"
STATES = (NEW, SNOOZED, DISMISSED, OVER, ALL)


def insights_of(user: User, today: date, state: str = NEW) -> QuerySet[Insight]:
    """`new`: holds and is not put away; `snoozed`, `dismissed`: put away by her; `over`: no longer true."""
    rows: QuerySet[Insight] = Insight.objects.all()
    if state == OVER:
        return rows.filter(closed_on__isnull=False)
    if state == ALL:
        return rows
    dismissed, snoozed = Exists(_marks(user).filter(until=None)), Exists(_marks(user).filter(until__gt=today))
    rows = rows.filter(closed_on__isnull=True)
    if state == DISMISSED:
        return rows.filter(dismissed)
    return rows.filter(snoozed) if state == SNOOZED else rows.filter(~dismissed, ~snoozed)


def _marks(user: User) -> QuerySet[InsightMark]:
    """Those that still hold: made after the insight was found (again)."""
    rows: QuerySet[InsightMark] = InsightMark.objects.filter(
        insight=OuterRef("pk"), user=user, at__gte=OuterRef("found_at")
    )
    return rows


def marks_of(user: User, today: date, insights: list[Insight]) -> dict[UUID, InsightMark]:
    """What holds for her now, by insight."""
    rows = InsightMark.objects.filter(insight__in=insights, user=user).filter(Q(until=None) | Q(until__gt=today))
    found_at = {one.pk: one.found_at for one in insights}
    return {mark.insight_id: mark for mark in rows if mark.at >= found_at[mark.insight_id]}


def put_away(insight: UUID, user: User, until: date | None = None) -> Insight:
    """Until a day, or for good. Doing it again changes only the day. Raises Problem for an unknown one."""
    found = insight_of(insight)
    InsightMark.objects.update_or_create(insight=found, user=user, defaults={"at": timezone.now(), "until": until})
    return found


def bring_back(insight: UUID, user: User) -> Insight:
    found = insight_of(insight)
    InsightMark.objects.filter(insight=found, user=user).delete()
    return found


def insight_of(insight: UUID) -> Insight:
    """Raises Problem for one that is not this company's."""
    found: Insight | None = Insight.objects.filter(pk=insight).first()
    if found is None:
        raise Problem("not_found", "There is no such insight.")
    return found
