"""THREATS T49: the length of an answer is always told, never above its cap, and a cut says that it is one."""

from typing import Any

import orjson
import pytest

from csuite import llm
from csuite.llm import conf
from csuite.llm.dialects import anthropic, openai
from csuite.llm.providers import ANTHROPIC, table
from csuite.llm.registry import route
from csuite.llm.tasks import TASKS
from tests.fake_provider import FakeProvider
from tests.llm.asking import hear, primary, question
from tests.llm.test_fault_matrix import DIALECTS

FOR_EVER = llm.Message("user", "Repeat the word margin for ever.")
LIMITS = ("max_tokens", "max_completion_tokens")
SPEAKERS = [name for name in table() if name not in ("scripted", "analyst")]


def limit(body: Any) -> int:
    (found,) = [body[name] for name in LIMITS if name in body]
    return int(found)


@pytest.mark.parametrize("provider", SPEAKERS)
@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("asked", [None, 7])
def test_every_provider_is_told_a_limit(provider: str, streamed: bool, asked: int | None) -> None:
    row = table()[provider]
    speak = anthropic.body if row.dialect == ANTHROPIC else openai.body
    call = question(max_tokens=asked)
    told = limit(orjson.loads(speak(call, route(row, call, "m"), streamed=streamed)))
    assert told == (asked or row.max_tokens or conf.value("MAX_TOKENS"))


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize("task", ["chat", "validate", "classify"])
async def test_however_much_is_asked_for_the_cap_of_the_task_is_what_goes_out(
    fake_provider: FakeProvider, dialect: str, task: str
) -> None:
    cap = TASKS[task].caps.completion
    with primary(fake_provider, "fake-xforever", **DIALECTS[dialect]):
        heard = await hear(question(task=task, messages=(FOR_EVER,), max_tokens=1_000_000_000))
    (seen,) = fake_provider.requests
    assert limit(seen.body) == cap == seen.tokens == heard.finished.usage.completion
    assert heard.finished.finish_reason in ("length", "max_tokens")
    assert heard.text == seen.text


async def test_an_installation_may_cap_lower(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-xforever"), conf.override(CAPS={"chat": (None, 12)}):
        reply = await llm.complete(question(messages=(FOR_EVER,)))
    assert (reply.usage.completion, reply.finish_reason) == (12, "length")
