"""What changed since somebody was last here, as counted words. Inside a tenant scope."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Sum

from csuite.conversations.models import Decision
from csuite.deals.models import Invoice, Stage, StageEntry
from csuite.imports.models import ImportRun
from csuite.profiles import formatting, months
from csuite.profiles.insights import insights_of
from csuite.profiles.models import MetricPoint
from csuite.tenants.models import Membership

Change = Callable[[Membership, datetime], str]


def changes(member: Membership, since: datetime) -> str:
    """`Since 14 November: 2 new insights, 3 deals moved.` One sentence, also where nothing happened."""
    found = [said for say in CHANGES if (said := say(member, since))]
    when = _when(since, member.tenant.now())
    return f"Since {when}: {', '.join(found)}." if found else f"Nothing new since {when}."


def _when(since: datetime, now: datetime) -> str:
    since = since.astimezone(now.tzinfo)
    days = (now.date() - since.date()).days
    if days == 0:
        return f"{since:%H:%M}"
    if days == 1:
        return "yesterday"
    return f"{since.day} {months.NAMES[since.month - 1]}" + (f" {since.year}" if since.year != now.year else "")


def counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def _insights(member: Membership, since: datetime) -> str:
    count = insights_of(member.user, member.tenant.today()).filter(found_at__gt=since).count()
    return counted(count, "new insight") if count else ""


def _closed(member: Membership, since: datetime) -> str:
    """The newest month that books were closed for."""
    rows = MetricPoint.objects.filter(is_forecast=False, line="", closed_on__gt=_day(member, since))
    newest = rows.order_by("-period").values_list("period", flat=True).first()
    if newest is None:
        return ""
    count = rows.filter(period=newest).values("metric").distinct().count()
    return f"{months.long(newest, months.last_closed(member.tenant.today()))} closed for {counted(count, 'metric')}"


def _imported(member: Membership, since: datetime) -> str:
    count = ImportRun.objects.filter(status=ImportRun.Status.DONE, step_at__gt=since).count()
    return counted(count, "import") if count else ""


def _moved(member: Membership, since: datetime) -> str:
    """Deals by days, because that is what a stage's entry has: those of the day itself count as seen."""
    moved = StageEntry.objects.filter(entered_on__gt=_day(member, since), entered_on__lte=member.tenant.today())
    count = moved.aggregate(deals=Count("deal", distinct=True))["deals"]
    won = moved.filter(stage__kind=Stage.Kind.WON).aggregate(deals=Count("deal", distinct=True))["deals"]
    if not count:
        return ""
    return f"{counted(count, 'deal')} moved" + (f", {won:,} of them won" if won else "")


def _late(member: Membership, since: datetime) -> str:
    today, currency = member.tenant.today(), member.tenant.currency
    rows = Invoice.objects.filter(settled_on__isnull=True, due_on__gte=_day(member, since), due_on__lt=today)
    count = rows.count()
    if not count:
        return ""
    worth = rows.filter(currency=currency).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    return f"{counted(count, 'invoice')} late, {formatting.money(worth, currency)}"


def _decided(member: Membership, since: datetime) -> str:
    count = Decision.objects.filter(decided_at__gt=since).exclude(status=Decision.Status.REJECTED).count()
    return f"{counted(count, 'decision')} approved" if count else ""


def _due(member: Membership, since: datetime) -> str:
    """Became late since, and is not done."""
    today = member.tenant.today()
    rows = Decision.objects.filter(status=Decision.Status.APPROVED, due__gte=_day(member, since), due__lt=today)
    count = rows.count()
    return f"{counted(count, 'decision')} overdue" if count else ""


def _day(member: Membership, since: datetime) -> date:
    return since.astimezone(member.tenant.now().tzinfo).date()


# What is told, in this order. Each gives "" where nothing happened.
CHANGES: list[Change] = [_insights, _closed, _imported, _moved, _late, _decided, _due]
