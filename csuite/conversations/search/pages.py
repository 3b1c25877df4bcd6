"""The search page, and the same as JSON for the dialog."""

from dataclasses import asdict
from datetime import date
from typing import Any, cast, get_args

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from csuite.conversations.search.finding import LONGEST, Hit, Wanted, Where, find
from csuite.personas.catalogue import all_personas
from csuite.tenants.gate import member_required, wants_json
from csuite.tenants.middleware import MemberRequest


@require_GET
@member_required()
def search(request: MemberRequest) -> HttpResponse:
    """Wants `q`, and may have `persona`, `since`, `until` (days) and `in` (active, archived, all)."""
    wanted = wanted_of(request.GET.dict())
    hits = find(request.member, wanted)
    if wants_json(request):
        return JsonResponse({"hits": [as_json(hit) for hit in hits]})
    context = {"wanted": wanted, "hits": [(hit, address_of(hit)) for hit in hits], "personas": all_personas()}
    return render(request, "conversations/search.html", context)


def wanted_of(fields: dict[str, str]) -> Wanted:
    """What a form or an address asks for; what makes no sense is left out."""
    where = fields.get("in", "")
    return Wanted(
        text=fields.get("q", "").replace("\x00", "").strip()[:LONGEST],
        persona=fields.get("persona", "").replace("\x00", "")[:40],
        since=_day(fields.get("since", "")),
        until=_day(fields.get("until", "")),
        where=cast(Where, where if where in get_args(Where) else "all"),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 < day.year < 2200 else None


def as_json(hit: Hit) -> dict[str, Any]:
    return {**asdict(hit), "at": hit.at.isoformat(), "url": address_of(hit)}


def address_of(hit: Hit) -> str:
    """The conversation, opened at the message that was found (on whatever branch it is)."""
    page = reverse("conversation", args=[hit.conversation])
    return page if hit.message is None else f"{page}?at={hit.message}#m-{hit.message}"
