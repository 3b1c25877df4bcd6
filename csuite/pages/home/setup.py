"""What is set up and what is still to do, from what is in the rows. Inside a tenant scope."""

from dataclasses import dataclass

from django.urls import reverse

from csuite.conversations.models import Conversation
from csuite.deals.models import Deal, Invoice
from csuite.pages.home.changes import counted
from csuite.pages.interview import EDITORS
from csuite.profiles import facts
from csuite.profiles.models import Goal, MetricPoint
from csuite.tenants.models import Membership, Role


@dataclass(frozen=True, slots=True)
class Step:
    """`url` is "" for what this person may not do."""

    done: bool
    title: str
    why: str = ""
    url: str = ""


def steps(member: Membership) -> list[Step]:
    """In the order in which they help; the first that is not done is what to do first."""
    profile = facts.current_profile()
    interview = reverse("interview") if member.role in EDITORS else ""
    imports = reverse("imports")
    count = MetricPoint.objects.filter(is_forecast=False, line="").values("period").distinct().count()
    has_goals = profile is not None and Goal.objects.filter(profile=profile).exists()
    has_deals, has_invoices = Deal.objects.exists(), Invoice.objects.exists()
    has_asked = Conversation.objects.filter(user=member.user).exists()
    several = member.tenant.memberships.filter(is_active=True).count() > 1
    return [
        Step(profile is not None, "Profile interview finished" if profile else "Answer the profile interview",
             "Ten minutes: what the company does, sells and wants. Every answer builds on it.", interview),
        Step(count > 0, f"{counted(count, 'month')} of metrics loaded" if count else "Load the monthly metrics",
             "One file from your books: a column for each month or a row for each value.", f"{imports}?target=metrics"),
        Step(has_goals, "Goals set" if has_goals else "Set the goals",
             "What must be true by when. They are watched every night.", interview),
        Step(has_deals, "Deals imported" if has_deals else "Import the deals",
             "For the pipeline and the cash forecast.", f"{imports}?target=deals"),
        Step(has_invoices, "Invoices imported" if has_invoices else "Import the invoices",
             "Late ones are shown with a reminder ready to send.", f"{imports}?target=invoices"),
        Step(has_asked, "First question asked" if has_asked else "Ask a first question",
             "Each officer answers from your own figures.", reverse("conversations")),
        Step(several, "Colleagues are here" if several else "Invite your colleagues",
             "Conversations stay private; figures and decisions are shared.",
             reverse("people") if member.role == Role.ADMIN else ""),
    ]  # fmt: skip
