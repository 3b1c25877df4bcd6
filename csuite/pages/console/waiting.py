"""What waits for somebody: open alerts, jobs that failed or are held, models without a price, drafts to review."""

from datetime import timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from csuite.analytics.bulk.models import BulkJob
from csuite.analytics.models import Alert, AlertDelivery, BudgetHold, DueHour
from csuite.pages.console.panel import BAD, GOOD, WARN, Line, Panel
from csuite.personas.models import PromptVersion
from csuite.tenants.models.tenant import PLATFORM_SLUG

SHOWN = 5
SILENT = timedelta(minutes=10)  # a running job without a heartbeat for so long is stuck
WEEK = timedelta(days=7)


def alerts() -> Panel:
    """In the platform's scope. Its own in words, those of companies as a number: finance there has been told."""
    url = reverse("admin:analytics_alert_changelist")
    rows = list(Alert.objects.filter(recovered_at=None, tenant__slug=PLATFORM_SLUG)[:SHOWN])
    counted = Alert.objects.filter(recovered_at=None).aggregate(
        ours=Count("pk", filter=Q(tenant__slug=PLATFORM_SLUG)),
        theirs=Count("pk", filter=~Q(tenant__slug=PLATFORM_SLUG)),
    )
    lines = [
        Line(
            str(row.title),
            f"since {row.opened_at:%d %b %H:%M}, {row.state}",
            BAD if row.severity == Alert.Severity.SERIOUS else WARN,
            reverse("admin:analytics_alert_change", args=[row.pk]),
        )
        for row in rows
    ]
    if counted["ours"] > SHOWN:
        lines.append(Line("And more of the platform", str(counted["ours"] - SHOWN), WARN, url))
    lines.append(Line("Open at companies", str(counted["theirs"]), WARN if counted["theirs"] else GOOD, url))
    return Panel("Alerts", lines, url=url, more="All alerts")


def jobs() -> Panel:
    """In the platform's scope."""
    now = timezone.now()
    bulk = BulkJob.objects.aggregate(
        waiting=Count("pk", filter=Q(status=BulkJob.Status.WAITING)),
        running=Count("pk", filter=Q(status=BulkJob.Status.RUNNING)),
        stuck=Count("pk", filter=Q(status=BulkJob.Status.RUNNING, heartbeat_at__lt=now - SILENT)),
        stopped=Count("pk", filter=Q(status=BulkJob.Status.STOPPED, finished_at__gt=now - WEEK)),
    )
    lost = AlertDelivery.objects.filter(due_at=None, sent_at=None, made_at__gt=now - WEEK).count()
    stale = BudgetHold.objects.filter(expires_at__lt=now).count()
    late = DueHour.objects.filter(hour__lt=now - timedelta(hours=3)).count()
    lines = [
        Line("Batches", f"{bulk['waiting']} waiting, {bulk['running']} running, {bulk['stopped']} stopped this week"),
        _counted("Batches without a sign of life", bulk["stuck"], "analytics_bulkjob"),
        _counted("Alerts that reached nobody, this week", lost, "analytics_alertdelivery"),
        _counted("Reservations to be given back", stale, "analytics_budgethold", WARN),
        Line("Hours not summed yet", str(late), WARN if late else GOOD),
    ]
    return Panel("Jobs", lines, url=reverse("admin:analytics_bulkjob_changelist"), more="All batches")


def drafts() -> Panel:
    counted = dict(
        PromptVersion.objects.filter(status__in=(PromptVersion.Status.DRAFT, PromptVersion.Status.REVIEW))
        .order_by()
        .values_list("status")
        .annotate(Count("pk"))
    )
    url = reverse("admin:personas_promptversion_changelist")
    review, draft = counted.get(PromptVersion.Status.REVIEW, 0), counted.get(PromptVersion.Status.DRAFT, 0)
    lines = [
        Line("Waiting for a review", str(review), WARN if review else GOOD, f"{url}?status__exact=review"),
        Line("Drafts", str(draft), "", f"{url}?status__exact=draft"),
    ]
    return Panel("Prompts", lines, url=url, more="All prompts")


def _counted(label: str, number: int, model: str, tone: str = BAD) -> Line:
    return Line(label, str(number), tone if number else GOOD, reverse(f"admin:{model}_changelist"))
