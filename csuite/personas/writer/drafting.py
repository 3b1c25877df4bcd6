"""One form filled in by a model, from a published prompt: loaded, rendered, asked and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.utils import timezone

from csuite import llm
from csuite.llm.errors import LLMError, NotConnected
from csuite.llm.structured import extracted
from csuite.personas.catalogue import published_prompt
from csuite.personas.models import PromptVersion
from csuite.personas.quoting import quoted
from csuite.personas.templating import PromptError, render
from csuite.personas.writer.figures import not_given
from csuite.personas.writer.results import Form, Result
from csuite.tenants.db import in_db
from csuite.tenants.models import Membership

F = TypeVar("F", bound=Form)
DOUBTFUL = 0.4  # of a text with figures that nobody gave
MINIMAL = "This is a minimal version by rules."
NO_MODEL = "No language model could be asked."
GO = llm.Message("user", "Answer with the JSON object now.")


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, for signature and ledger: a member, as plain values."""

    tenant: UUID
    user: str
    name: str
    company: str

    @classmethod
    def of(cls, member: Membership) -> "Author":
        """Reads the rows of user and tenant."""
        return cls(member.tenant_id, str(member.user_id), member.user.name or str(member.user), member.tenant.name)

    @property
    def signature(self) -> str:
        return f"{self.name}, {self.company}"


@dataclass(frozen=True, slots=True)
class Wanted(Generic[F]):
    """variables: of the prompt, with `data` as the block of facts. deal: an id for the ledger, or ""; kind: its word
    for what this is part of."""

    prompt: str
    task: str
    form: type[F]
    variables: Mapping[str, str]
    deal: str = ""
    kind: str = "writer"


@dataclass(frozen=True, slots=True)
class Filled(Generic[F]):
    """form is None where no model could fill it in; then `made` says why in its one warning."""

    form: F | None
    made: Result


async def fill(author: Author, wanted: Wanted[F], hold: llm.Hold | None = None) -> Filled[F]:
    """Never raises for a model, a budget or a prompt that fails: then the caller has a minimal result to give."""
    try:
        version = await in_db(published_prompt, wanted.prompt, tenant=author.tenant)
        call = call_of(author, wanted, version, hold)
        form, reply = await extracted(call, wanted.form)
    except LLMError as error:
        why = NO_MODEL if isinstance(error, NotConnected) and not error.tried else error.sentence
        return Filled(None, Result(warnings=[f"{why} {MINIMAL}"]))
    except (PromptError, PromptVersion.DoesNotExist):
        return Filled(None, Result(warnings=[f"The prompt for this cannot be used. {MINIMAL}"]))
    made = Result(
        confidence=form.confidence,
        provider=reply.provider,
        model=reply.model,
        prompt_version=version.identifier,
        cost=None if reply.cost is None else f"{reply.cost.normalize():f}",
        currency=reply.currency,
        warnings=[reply.note] if reply.note else [],
    )
    return Filled(form, made)


def call_of(author: Author, wanted: Wanted[F], version: PromptVersion, hold: llm.Hold | None = None) -> llm.Call:
    """What a model is asked, without the form's schema. Raises PromptError."""
    given = {name: text if name == "data" else quoted(text, 4000) for name, text in wanted.variables.items()}
    given["today"] = timezone.localdate().isoformat()
    text = render(version.body, given, version.requires)
    labels = {"tenant": str(author.tenant), "user": author.user, "deal": wanted.deal, "kind": wanted.kind}
    labels["prompt_version"] = version.identifier
    return llm.Call(
        task=wanted.task,
        messages=(llm.Message("system", text), GO),
        labels={name: value for name, value in labels.items() if value},
        max_tokens=version.max_tokens,
        temperature=None if version.temperature is None else float(version.temperature),
        tier=version.tier,
        hold=hold,
    )


def doubted(made: Result, text: str, *given: str) -> Result:
    """Less sure where the text says figures that nobody gave: they are named for who sends it."""
    strange = not_given(text, *given)
    if not strange:
        return made
    warning = f"Not in the data: {', '.join(strange[:5])}. Check before you send this."
    return made.model_copy(update={"confidence": min(made.confidence, DOUBTFUL), "warnings": [*made.warnings, warning]})
