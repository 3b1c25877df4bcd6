"""The three steps, paid from one reservation. A result for every deal; no connection is held while a model works."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from csuite import llm
from csuite.deals.models import Deal
from csuite.llm.attempt import to_the_end
from csuite.llm.errors import LLMError
from csuite.personas.analysis import plain
from csuite.personas.analysis.checking import checked, checks
from csuite.personas.analysis.dossier import Dossier, as_data, records, shown
from csuite.personas.analysis.results import (
    MOST_FACTS,
    Analysis,
    Check,
    CheckedFact,
    FactsForm,
    View,
    ViewForm,
)
from csuite.personas.models import DealAnalysis
from csuite.personas.quoting import quoted
from csuite.personas.writer.drafting import Author, Filled, Wanted, doubted, fill
from csuite.personas.writer.results import Form

F = TypeVar("F", bound=Form)
NO_SOURCES = "Nothing is written about this deal: there was nothing to extract."


async def analyze(author: Author, dossier: Dossier) -> Analysis:
    """Never raises for a model, a budget or a prompt that fails: then rules do the step, and a warning says so."""
    seen = checks(dossier)
    try:
        hold = await llm.reserve([_first_call(author, dossier)] * 2)
    except LLMError as error:
        return by_rules(dossier, seen, [error.sentence])
    try:
        return await _analyzed(author, dossier, seen, hold)
    finally:
        await to_the_end(hold.close())


async def _analyzed(author: Author, dossier: Dossier, seen: Sequence[Check], hold: llm.Hold) -> Analysis:
    read = await _extracted(author, dossier, hold) if dossier.sources else None
    form = read.form if read else None
    facts = checked(form.facts[:MOST_FACTS] if form else plain.facts(dossier), dossier)
    if read is not None and form is None:  # who could not read will not tell: rules do both
        return _priced(by_rules(dossier, seen, read.made.warnings), hold)
    told = await _told(author, dossier, seen, facts, hold)
    made = [one.made for one in (read, told) if one is not None]
    view = told.form
    return _priced(
        Analysis(
            deal=dossier.id,
            facts=facts,
            checks=list(seen),
            view=plain.view(dossier, seen, facts) if view is None else View(**view.model_dump(exclude={"confidence"})),
            facts_by="model" if form else "rules",
            view_by="model" if view else "rules",
            confidence=min(one.confidence for one in made),
            warnings=[*_of_sources(dossier), *(warning for one in made for warning in one.warnings)],
            prompt_versions=[one.prompt_version for one in made if one.prompt_version],
            target=str(settings.DEAL_ANALYSIS_TARGET),
        ),
        hold,
    )


def _of_sources(dossier: Dossier) -> list[str]:
    read, written = len(shown(dossier)), len(dossier.sources)
    if not written:
        return [NO_SOURCES]
    return [f"Only the newest {read} of {written} notes were read."] if read < written else []


async def _extracted(author: Author, dossier: Dossier, hold: llm.Hold) -> Filled[FactsForm]:
    wanted = Wanted("deal.extract_facts", "extract", FactsForm, {"data": as_data(dossier)}, dossier.id, "deal-extract")
    return await fill(author, wanted, hold)


async def _told(
    author: Author, dossier: Dossier, seen: Sequence[Check], facts: Sequence[CheckedFact], hold: llm.Hold
) -> Filled[ViewForm]:
    data = _for_the_view(dossier, seen, facts)
    wanted = Wanted("deal.synthesize", "synthesize", ViewForm, {"data": data}, dossier.id, "deal-synthesize")
    filled = await fill(author, wanted, hold)
    if filled.form is None:
        return filled
    form = filled.form
    text = "\n".join([form.view, *form.risks, *form.next_steps, *form.open_questions])
    return Filled(form, doubted(filled.made, text, data, dossier.today.isoformat()))


def _for_the_view(dossier: Dossier, seen: Sequence[Check], facts: Sequence[CheckedFact]) -> str:
    """Records, what rules see in them, and the facts that have a source, each with its verdict."""
    lines = [*records(dossier), *(f"Rule, {check.state}: {quoted(check.text)}" for check in seen)]
    for fact in facts:
        if fact.verdict != "unsupported":
            verdict = {"unchecked": "not checked"}.get(fact.verdict, fact.verdict)
            lines.append(f"Fact, {fact.kind}, {verdict}: {quoted(fact.statement)} ({quoted(fact.reason)})")
    return "\n".join(lines)


def by_rules(dossier: Dossier, seen: Sequence[Check], warnings: Sequence[str]) -> Analysis:
    """All three steps by rules; `warnings` say why."""
    facts = checked(plain.facts(dossier), dossier)
    return Analysis(
        deal=dossier.id,
        facts=facts,
        checks=list(seen),
        view=plain.view(dossier, seen, facts),
        facts_by="rules",
        view_by="rules",
        warnings=list(warnings),
        target=str(settings.DEAL_ANALYSIS_TARGET),
    )


def _priced(made: Analysis, hold: llm.Hold) -> Analysis:
    """With what the meter booked: every attempt, also those that failed. An unknown price is no zero."""
    attempts = hold.attempts
    known = [one.cost for one in attempts if one.cost is not None]
    whole = len(known) == len(attempts) and len({one.currency for one in attempts}) < 2
    cost = sum(known, Decimal(0))
    return made.model_copy(
        update={
            "calls": len(attempts),
            "tokens": sum((one.usage.prompt or 0) + (one.usage.completion or 0) for one in attempts),
            "models": list(dict.fromkeys(f"{one.provider}/{one.model}" for one in attempts if not one.error_kind)),
            "cost": f"{cost:f}" if whole else None,
            "currency": attempts[0].currency if attempts else "USD",
        }
    )


def _first_call(author: Author, dossier: Dossier) -> llm.Call:
    """What is reserved for before anything is sent: the extraction, and as much again for what follows."""
    labels = {"tenant": str(author.tenant), "user": author.user, "deal": dossier.id, "kind": "deal-extract"}
    return llm.Call("extract", (llm.Message("system", as_data(dossier)),), labels, max_tokens=1400)


def keep(made: Analysis, user: UUID) -> DealAnalysis:
    """As the next analysis of its deal. Inside a tenant scope."""
    with transaction.atomic():
        deal = Deal.objects.select_for_update().get(pk=made.deal)
        last = DealAnalysis.objects.filter(deal=deal).aggregate(last=Max("number"))["last"] or 0
        row: DealAnalysis = DealAnalysis.objects.create(
            deal=deal,
            number=last + 1,
            made_at=timezone.now(),
            made_by_id=user,
            result=made.model_dump(mode="json"),
            prompt_versions=made.prompt_versions,
            cost=None if made.cost is None else Decimal(made.cost),
            currency=made.currency,
        )
    return row
