"""Tiny metered calls of the platform itself, under the tenant csuite: does a model answer, and how well?"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import orjson

from csuite import llm
from csuite.llm.structured import unfenced
from csuite.tenants.models import Tenant
from csuite.tenants.models.tenant import PLATFORM_SLUG

ANALYST = "analyst"
MOST_SECONDS = 5.0
PING = "Answer with the one word: pong"


@dataclass(frozen=True, slots=True)
class Trial:
    """One standard prompt. `right` sees the answer."""

    name: str
    prompt: str
    right: Callable[[str], bool]
    task: str = "chat"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one call. why: "" if it is as it should be."""

    name: str
    why: str
    seconds: float
    model: str = ""


def _holds(keys: set[str]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            value = orjson.loads(unfenced(text))
        except orjson.JSONDecodeError:
            return False
        return isinstance(value, dict) and keys <= value.keys()

    return check


FIGURES = "Revenue was 120 in January, 130 in February and 150 in March."
JSON_ONLY = "Answer with one JSON object and nothing else."
STANDARD = (
    Trial("answers a question", "What is gross margin? One sentence.", lambda text: len(text.split()) > 3),
    Trial("reads figures", f"{FIGURES} What was it in February? Only the number.", lambda text: "130" in text),
    Trial("summarizes", f"{FIGURES} Sum this up in one sentence.", lambda text: bool(text.strip()), "summarize"),
    Trial(
        "extracts JSON",
        f"{FIGURES} {JSON_ONLY} Keys: january, february, march.",
        _holds({"january", "february", "march"}),
        "extract",
    ),
    Trial(
        "classifies in JSON",
        f'Is "We lost the deal on price" good or bad news? {JSON_ONLY} Keys: verdict, reason.',
        _holds({"verdict", "reason"}),
        "classify",
    ),
)


def run(trial: Trial, route: str | None = None, *, kind: str, max_tokens: int = 300) -> Outcome:
    """Asks one prompt for the platform's tenant. Never raises LLMError."""
    tenant = Tenant.objects.get(slug=PLATFORM_SLUG)
    call = llm.Call(
        task=trial.task,
        messages=(llm.Message("user", trial.prompt),),
        labels={"tenant": str(tenant.id), "kind": kind},
        max_tokens=max_tokens,
        temperature=0.0,
        route=route,
    )
    begun = monotonic()
    try:
        reply = asyncio.run(llm.complete(call))
    except llm.errors.LLMError as error:
        return Outcome(trial.name, str(error), monotonic() - begun, error.model)
    seconds = monotonic() - begun
    return Outcome(trial.name, _fault(trial, reply, seconds), seconds, f"{reply.provider}/{reply.model}")


def _fault(trial: Trial, reply: llm.Reply, seconds: float) -> str:
    if reply.provider == ANALYST:
        return "no model answered, but the analyst"
    if seconds > MOST_SECONDS:
        return f"took {seconds:.1f} s"
    return "" if trial.right(reply.text) else "the answer is not as asked"


def ping(provider: str) -> Outcome:
    """One word from the provider's own model. A model that thinks may use up its tokens before it says it."""
    return run(Trial(provider, PING, lambda text: True), provider, kind="check", max_tokens=16)
