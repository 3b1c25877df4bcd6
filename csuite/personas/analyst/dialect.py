"""The analyst as a provider of csuite.llm: settings.LLM["ANALYST"] names this class."""

import asyncio
from collections.abc import AsyncGenerator

import structlog
from django.conf import settings

from csuite.llm import Call, Usage
from csuite.llm.dialects import Said
from csuite.llm.registry import Route
from csuite.personas.analyst.composing import CLOSING, answer, pieces
from csuite.profiles.records import facts_from_json

log = structlog.get_logger(__name__)

# Seconds between words: fast to read, slow enough that an answer can be stopped, and the event loop breathes.
PACE = 0.012
NEEDS_A_MODEL = f"This needs a language model, and none can be reached now. Try again later.\n\n*{CLOSING}*\n"


class Analyst:
    """The dialect. Reads call.facts and the questions among the messages; asks nobody."""

    async def run(self, call: Call, route: Route, said: Said, *, streamed: bool) -> AsyncGenerator[str, None]:
        text = spoken(call)
        said.usage = Usage(prompt=0, completion=0)
        if not streamed:
            yield text
        else:
            pace = float(getattr(settings, "ANALYST_PACE", PACE))
            for piece in pieces(text):
                yield piece
                await asyncio.sleep(pace)
        said.finish_reason, said.whole = "stop", True


def spoken(call: Call) -> str:
    """The answer to the last question of the call; a plain sentence where there are no facts to answer from."""
    if call.facts is None:
        return NEEDS_A_MODEL
    try:
        facts = facts_from_json(call.facts)
    except (KeyError, TypeError, ValueError):
        log.exception("facts_unreadable", persona=call.labels.get("persona"))
        return NEEDS_A_MODEL
    asked = [message.text for message in call.messages if message.role == "user"]
    who = call.facts.get("persona")
    key = str(who.get("key", "")) if isinstance(who, dict) else call.labels.get("persona", "")
    return answer(key, asked[-1] if asked else "", facts, facts.today, asked[:-1])
