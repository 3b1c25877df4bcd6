"""A provider that answers from a script: for tests, and for a demo without a model.

    with llm.scripted.answers("Margin fell.", Answer(error="rate_limit")) as script:
        ...
    script.calls    # every Call that it was asked

In settings: LLM["PRIMARY"] = "scripted"; without a script it repeats the question.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from csuite.llm import conf
from csuite.llm.call import Call, ToolCall
from csuite.llm.dialects import Said
from csuite.llm.errors import CLASSES
from csuite.llm.registry import Route
from csuite.llm.usage import UNSAID, Usage


@dataclass(frozen=True, slots=True)
class Answer:
    """One scripted answer. Times in seconds.

    pieces: what is streamed, piece by piece (default: the words of `text`); an asyncio.Event among them is waited
    for. error: a kind of errors.KINDS, raised after `after` pieces (default: before the first). cut: ends there
    without a word, as a broken connection does.
    """

    text: str = ""
    pieces: Sequence[str | asyncio.Event] = ()
    delay: float = 0.0
    pace: float = 0.0
    error: str = ""
    retry_after: float | None = None
    cut: bool = False
    after: int | None = None
    finish_reason: str = "stop"
    usage: Usage = UNSAID
    tool_calls: tuple[ToolCall, ...] = ()
    request_id: str = "scripted"

    def steps(self) -> list[str | asyncio.Event]:
        """The pieces up to the fault, if there is one."""
        steps: list[str | asyncio.Event] = list(self.pieces) or list(words(self.text))
        after = self.after if self.after is not None else len(steps) if self.cut else 0
        return steps[:after] if self.error or self.cut else steps


Scripted = str | Answer | Callable[[Call], "str | Answer"]


@dataclass(slots=True)
class Play:
    """A running script: the calls that came, and what is left to answer. The last answer repeats."""

    answers: list[Scripted] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    closed: int = 0  # answers whose reader left before the end

    def next(self, call: Call) -> Answer:
        """The answer to this call."""
        self.calls.append(call)
        scripted: Scripted = _repeat
        if self.answers:
            scripted = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        said = scripted(call) if callable(scripted) else scripted
        return Answer(said) if isinstance(said, str) else said


_plays: list[Play] = [Play()]


class Script:
    """The dialect."""

    async def run(self, call: Call, route: Route, said: Said, *, streamed: bool) -> AsyncGenerator[str, None]:
        play = _plays[-1]
        answer = play.next(call)
        ended = False
        try:
            await asyncio.sleep(answer.delay)
            async for piece in _pieces(answer, streamed):
                yield piece
            ended = True
        finally:
            play.closed += not ended
        said.request_id, said.usage = answer.request_id, answer.usage
        if answer.error:
            raise CLASSES[answer.error](
                "scripted", provider=route.provider.name, model=route.model, retry_after=answer.retry_after
            )
        if not answer.cut:
            said.finish_reason, said.tool_calls, said.whole = answer.finish_reason, answer.tool_calls, True


async def _pieces(answer: Answer, streamed: bool) -> AsyncGenerator[str, None]:
    held: list[str] = []
    for number, step in enumerate(answer.steps()):
        if isinstance(step, asyncio.Event):
            await step.wait()
        elif not streamed:
            held.append(step)
        elif step:
            if number and answer.pace:
                await asyncio.sleep(answer.pace)
            yield step
    if held and "".join(held):
        yield "".join(held)


@contextmanager
def answers(*scripted: Scripted, **settings: Any) -> Iterator[Play]:
    """Every call of the process is answered by this script while the block runs, and by nobody else.

    settings: other settings of LLM for the block, such as ANALYST (off by default) or METER.
    """
    play = Play(list(scripted))
    _plays.append(play)
    try:
        with conf.override(**{"PRIMARY": "scripted", "FALLBACK": "", "ANALYST": "", "ENABLED": True, **settings}):
            yield play
    finally:
        _plays.remove(play)


def words(text: str) -> Iterator[str]:
    """The text in pieces of one word each, with the blank before it; joined they are the text."""
    start = 0
    for end in range(1, len(text)):
        if text[end].isspace() and not text[end - 1].isspace():
            yield text[start:end]
            start = end
    if text:
        yield text[start:]


def _repeat(call: Call) -> str:
    asked = next((message.text for message in reversed(call.messages) if message.role == "user"), "")
    return f"You asked: {asked}" if asked else "You asked nothing."
