"""Talks to models. Knows no tenant, no persona and no table.

Business code builds a Call and uses the names below; it never names a provider. Who meters, prices and routes is
named in settings.LLM.
"""

from csuite.llm import errors, scripted
from csuite.llm.asking import complete, reserve, stream
from csuite.llm.batch import batch
from csuite.llm.call import Call, Message, ToolCall
from csuite.llm.events import Delta, Event, Finished, Reply, Started, Vectors
from csuite.llm.health import health, stats
from csuite.llm.hold import Attempt, Hold
from csuite.llm.structured import extract, synthesize
from csuite.llm.tokens import count_tokens
from csuite.llm.usage import Usage
from csuite.llm.vectors import embed

__all__ = [
    "Attempt",
    "Call",
    "Delta",
    "Event",
    "Finished",
    "Hold",
    "Message",
    "Reply",
    "Started",
    "ToolCall",
    "Usage",
    "Vectors",
    "batch",
    "complete",
    "count_tokens",
    "embed",
    "errors",
    "extract",
    "health",
    "reserve",
    "scripted",
    "stats",
    "stream",
    "synthesize",
]
