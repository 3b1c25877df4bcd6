"""A version before it is published: what a model would be sent, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from asgiref.sync import async_to_sync
from django.utils import timezone

from csuite import llm
from csuite.personas import tokens
from csuite.personas.asking import Asked, ask_ready
from csuite.personas.catalogue import all_personas
from csuite.personas.models import PromptVersion
from csuite.personas.readiness import ready_with
from csuite.personas.templating import render
from csuite.tenants.models import Tenant, User
from csuite.tenants.models.tenant import PLATFORM_SLUG
from csuite.tenants.scope import platform_scope, tenant_scope

QUESTION = "What should I know about last month?"
# What a prompt that no officer speaks with is shown with: an example for each variable of the shipped files.
SAMPLES: Mapping[str, str] = {
    "answer": "We build measuring instruments for the process industry.",
    "asked": "How many people work for you, and where?",
    "answers": "CFO:\nMargin fell to 38.9% in October.\n\nCEO:\nI would hold the price.",
    "attempt": "Margin fell because freight cost more.",
    "audience": "a new member of the board",
    "code": "def share(part, whole):\n    return part / whole",
    "company": "Northwind Instruments",
    "concept": "days sales outstanding",
    "data": "Deal: Flow meters for a paper mill\nStage: order received\nNote of 3 November: papers are complete.",
    "deadline": "2027-12-31",
    "decisions": "None",
    "expected": "Names freight, mix and price, each with its figure.",
    "fields": "- people: People\n- sites: Sites",
    "goals": "no",
    "intent": "Ask for the missing delivery address",
    "known": "Industry: measuring instruments",
    "language": "English",
    "level": "board",
    "missing": "size, stage, revenue, goals",
    "name": "Elena",
    "news": "Order intake rose to $4.9m in October.",
    "officers": "CEO, CFO",
    "persona": "Chief financial officer",
    "purpose": "Computes a share for a report.",
    "question": "Should we raise prices in January?",
    "recipient": "Accounts payable, Halden Paper",
    "recipients": "J. Moen, Halden Paper",
    "requirements": "Purchase order\nEnd user statement",
    "rules": "Invoice 2026-12-08, payment 2027-01-14",
    "sender": "Tomas Reyes, Northwind Instruments",
    "step": "2",
    "task": "Explain why gross margin fell.",
    "tone": "friendly",
    "topic": "gross margin",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent. `size`: tokens of the whole prompt, an estimate; `persona` is "" for other prompts."""

    asked: Asked
    size: int
    persona: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What came back; `error` is a sentence for a person where nothing did."""

    text: str = ""
    model: str = ""
    usage: llm.Usage | None = None
    cost: str | None = None
    note: str = ""
    error: str = ""


def preview(version: PromptVersion, tenant: Tenant, user: User, question: str = "") -> Preview:
    """With that tenant's own facts: a look into the tenant, which is recorded. Raises PromptError."""
    question = question.strip() or QUESTION
    officer = next((one for one in all_personas() if one.prompt == version.name), None)
    if officer is None:
        asked = sampled(version)
        return Preview(asked, _size(asked), "")
    with platform_scope(f"preview of {version.identifier} for {tenant.slug}", user=user):
        asked = _with_facts(version, officer.key, tenant.pk, question, timezone.localdate())
    return Preview(asked, _size(asked), officer.name)


def sampled(version: PromptVersion) -> Asked:
    """With the samples above; a variable without one stands there by its name. Raises PromptError."""
    known = {**SAMPLES, "today": timezone.localdate().isoformat()}
    given = {name: known.get(name, f"[{name}]") for name in version.requires}
    text = render(version.body, given, version.requires)
    return Asked(
        messages=(llm.Message("system", text), llm.Message("user", "Go on.")),
        facts={},
        prompt_version=version.identifier,
        max_tokens=version.max_tokens,
        temperature=None if version.temperature is None else float(version.temperature),
        tier=version.tier,
    )


def _with_facts(version: PromptVersion, persona: str, tenant: UUID, question: str, today: date) -> Asked:
    with tenant_scope(tenant):
        return ask_ready(ready_with(version, persona, today), persona, question, ())


def _size(asked: Asked) -> int:
    return sum(tokens.count(message.text) for message in asked.messages)


def try_out(shown: Preview, user: User) -> Trial:
    """Asks a model. Metered for the platform, no transaction open meanwhile; an error is a sentence, not raised."""
    asked = shown.asked
    call = llm.Call(
        task="chat",
        messages=asked.messages,
        labels={
            "tenant": str(Tenant.objects.get(slug=PLATFORM_SLUG).pk),
            "user": str(user.pk),
            "kind": "prompt_test",
            "prompt_version": asked.prompt_version,
        },
        facts=asked.facts or None,
        max_tokens=asked.max_tokens,
        temperature=asked.temperature,
        tier=asked.tier,
    )
    try:
        reply = async_to_sync(llm.complete)(call)
    except llm.errors.LLMError as error:
        return Trial(error=error.sentence)
    cost = None if reply.cost is None else f"{reply.cost:.4f} {reply.currency}"
    return Trial(reply.text, reply.model, reply.usage, cost, reply.note or "")
