"""Reminders by e-mail: a row for each decision, threshold and date; it is there before a letter goes.

A job that is killed between the letter and its note sends it once more after the lease, and never loses one.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from csuite.conversations.models import Decision, DecisionReminder
from csuite.profiles import months
from csuite.tenants.models import Membership, Tenant
from csuite.tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

Kind = DecisionReminder.Kind
LEASE = timedelta(minutes=2)
PAUSES = (60, 300, 900, 3600, 4 * 3600, 12 * 3600)  # seconds after each failed try; then it is given up
AT_ONCE = 100
LATEST = 7  # days after its threshold that a reminder still makes sense: a server that was off tells nothing old
# How many days before (or after) the date a reminder goes, the latest first.
THRESHOLDS = ((Kind.LATE, 1), (Kind.DAY, -1), (Kind.WEEK, -7))


@dataclass(frozen=True, slots=True)
class Letter:
    """One reminder that is due, with all that sending needs: no transaction is open meanwhile."""

    id: UUID
    tenant: UUID
    target: str
    subject: str
    body: str


def threshold(due: date, made: date, today: date) -> str | None:
    """The one threshold that has come: none that is long past or older than the decision."""
    for kind, days in THRESHOLDS:
        day = due + timedelta(days=days)
        if day <= today:
            return kind if made < day and today < day + timedelta(days=LATEST) else None
    return None


def queue_due() -> int:
    """Rows for what has come, for all companies. In no scope. Returns how many are new."""
    with platform_scope("reminders"):
        tenants = list(Tenant.objects.filter(is_active=True))
    return sum(_queue_of(tenant) for tenant in tenants)


def _queue_of(tenant: Tenant) -> int:
    today = tenant.today()
    with tenant_scope(tenant.id):
        rows = Decision.objects.filter(Q(status=Decision.Status.APPROVED) | Q(status=Decision.Status.DONE))
        near = rows.filter(owner__isnull=False).select_related("owner")
        wanted = [row for decision in near if (row := _reminder(decision, today)) and _is_reached(tenant, decision)]
        for row in wanted:
            row.claim()
        before = DecisionReminder.objects.count() if wanted else 0
        DecisionReminder.objects.bulk_create(wanted, ignore_conflicts=True)
        return DecisionReminder.objects.count() - before if wanted else 0


def _is_reached(tenant: Tenant, decision: Decision) -> bool:
    """Who has left gets no letters."""
    rows = Membership.objects.filter(tenant=tenant, is_active=True, user__is_active=True)
    return rows.filter(user=decision.owner).exists()


def _reminder(decision: Decision, today: date) -> DecisionReminder | None:
    made = (decision.decided_at or decision.created_at).date()
    kind, day = None, decision.due
    if decision.status == Decision.Status.APPROVED and decision.due:
        kind = threshold(decision.due, made, today)
    elif decision.status == Decision.Status.DONE and decision.review and decision.review <= today:
        day = decision.review
        kind = Kind.REVIEW if today < day + timedelta(days=LATEST) else None
    if kind is None or day is None or decision.owner is None:
        return None
    return DecisionReminder(decision=decision, kind=kind, day=day, target=decision.owner.email, due_at=timezone.now())


def send_due() -> int:
    """Sends what is due, in no scope. Returns how many went out."""
    sent = 0
    for letter in _take(timezone.now()):
        error = _send(letter)
        _note(letter, error)
        sent += not error
    return sent


def _take(now: datetime) -> list[Letter]:
    """Leases what is due, so that no other worker sends it at the same time."""
    with platform_scope("reminders"):
        rows = DecisionReminder.objects.select_for_update(skip_locked=True, of=("self",)).filter(due_at__lte=now)
        due = list(rows.select_related("decision", "tenant").order_by("due_at")[:AT_ONCE])
        fresh = [row for row in due if _still_holds(row)]
        DecisionReminder.objects.filter(id__in=[row.id for row in due]).update(due_at=None)
        DecisionReminder.objects.filter(id__in=[row.id for row in fresh]).update(due_at=now + LEASE)
        return [_letter(row) for row in fresh]


def _still_holds(row: DecisionReminder) -> bool:
    """What was done or moved to another day meanwhile is not reminded of."""
    decision: Decision = row.decision
    if row.kind == Kind.REVIEW:
        return decision.status == Decision.Status.DONE and decision.review == row.day
    return decision.status == Decision.Status.APPROVED and decision.due == row.day


WORDS = {
    Kind.WEEK: "is due in a week, on {day}",
    Kind.DAY: "is due tomorrow, on {day}",
    Kind.LATE: "was due on {day} and is not marked as done",
    Kind.REVIEW: "was to be reviewed on {day}: did it work?",
}


def _letter(row: DecisionReminder) -> Letter:
    decision: Decision = row.decision
    how = WORDS[Kind(row.kind)].format(day=months.day(row.day))
    where = f"{settings.CSUITE_PUBLIC_URL}{reverse('decision', args=[decision.id])}"
    title = " ".join(str(decision).split())
    body = f"A decision of {row.tenant.name} that you own {how}.\n\n{decision.text}\n\n{where}\n"
    return Letter(
        row.id, row.tenant_id, row.target, f"Decision {how.partition(',')[0].partition(':')[0]}: {title}", body
    )


def _send(letter: Letter) -> str:
    """What went wrong, or "". Never raises."""
    try:
        send_mail(letter.subject, letter.body, None, [letter.target])
    except Exception as error:
        log.warning("reminder_not_sent", reminder=str(letter.id), error=type(error).__name__)
        return f"{type(error).__name__}: {error}"[:300]
    return ""


def _note(letter: Letter, error: str) -> None:
    with tenant_scope(letter.tenant):
        row = DecisionReminder.objects.select_for_update().filter(id=letter.id).first()
        if row is None:
            return
        row.tries += 1
        row.error = error
        if not error:
            row.sent_at, row.due_at = timezone.now(), None
        else:
            pause = PAUSES[row.tries - 1] if row.tries <= len(PAUSES) else None
            row.due_at = timezone.now() + timedelta(seconds=pause) if pause else None
        row.save(update_fields=["tries", "error", "sent_at", "due_at"])
