"""The analysis of a deal: on a page of its own, and as a panel that other pages of the deal include."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from csuite.deals.models import Deal
from csuite.personas.analysis.reading import deal_of, read_dossier
from csuite.personas.analysis.results import Analysis
from csuite.personas.analysis.running import analyze, keep
from csuite.personas.models import DealAnalysis
from csuite.personas.writer.drafting import Author
from csuite.tenants.afterwards import Afterwards
from csuite.tenants.flags import is_active_for
from csuite.tenants.gate import member_required
from csuite.tenants.limits import take_chat
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem
from csuite.tenants.scope import tenant_scope

EARLIER = 10
SMALLEST = Decimal("0.0001")
STANDINGS = {
    "on_course": ("good", "On course"),
    "at_risk": ("warn", "At risk"),
    "stuck": ("bad", "Stuck"),
    "unclear": ("", "Unclear"),
}
VERDICTS = {
    "confirmed": ("good", "Confirmed"),
    "contradicted": ("bad", "Contradicted"),
    "unchecked": ("", "Only said"),
    "unsupported": ("warn", "Not in the notes"),
}


@require_http_methods(["GET", "HEAD", "POST"])
@member_required()
def analysis(request: MemberRequest, deal: UUID) -> HttpResponse:
    """A POST makes a new one; nothing of the database is held while a model works."""
    if not is_on(request):
        raise Problem("not_found", "Deal analysis is not switched on here.")
    found = deal_of(deal)
    if request.method != "POST":
        return render(request, "pages/analysis.html", {"deal": found, "panel": panel(request, found)})
    take_chat(request.member)
    member = request.member
    author, dossier = Author.of(member), read_dossier(found, member.tenant.today())

    def work() -> HttpResponse:
        made = async_to_sync(analyze)(author, dossier)
        with tenant_scope(author.tenant):
            keep(made, member.user_id)
        messages.success(request, "Analyzed.")
        return redirect(reverse("deal", args=[found.pk]) + "#analysis")

    return Afterwards(work)


def is_on(request: MemberRequest) -> bool:
    member = request.member
    return is_active_for("deal-analysis", member.tenant, member.user, request.headers)


def panel(request: MemberRequest, deal: Deal) -> dict[str, Any] | None:
    """What `pages/_analysis.html` shows; None while the flag is off. Inside a tenant scope."""
    if not is_on(request):
        return None
    rows = list(DealAnalysis.objects.filter(deal=deal).select_related("made_by")[: EARLIER + 1])
    newest = Analysis(**rows[0].result) if rows else None
    return {
        "deal": deal,
        "row": rows[0] if rows else None,
        "made": newest,
        "standing": STANDINGS[newest.view.standing] if newest else None,
        "facts": [(fact, *VERDICTS[fact.verdict]) for fact in newest.facts] if newest else [],
        "cost": _cost(rows[0]) if rows else "",
        "target": _shown(settings.DEAL_ANALYSIS_TARGET, "USD"),
        "over": bool(rows) and _is_over(rows[0]),
        "earlier": [(row, STANDINGS[row.result["view"]["standing"]][1], _cost(row)) for row in rows[1:]],
    }


def _cost(row: DealAnalysis) -> str:
    return "not known" if row.cost is None else _shown(row.cost, row.currency)


def _is_over(row: DealAnalysis) -> bool:
    """Another currency than the target's is not compared."""
    return row.cost is not None and row.currency == "USD" and row.cost > settings.DEAL_ANALYSIS_TARGET


def _shown(amount: Decimal, currency: str) -> str:
    """To a hundredth of a cent, for these are small."""
    sign = {"USD": "$", "EUR": "€", "GBP": "£"}.get(currency, f"{currency} ")
    if 0 < amount < SMALLEST:
        return f"under {sign}{SMALLEST}"
    return sign + (f"{amount:.4f}".rstrip("0").rstrip("."))
