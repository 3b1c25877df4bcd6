"""One turn: a question and its answers, side by side. Knows no socket, no view and no table.

`run_turn` pushes into a Stream instead of yielding: a queue and a task switch per token would cost as much as
reading the token does (docs/decisions.md).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

import structlog

from csuite import llm
from csuite.conversations.control import Control
from csuite.conversations.events import AnswerStarted, Outcome, empty_usage, estimate_body
from csuite.conversations.streamlog import Answer, Stream
from csuite.llm.estimating import Estimate
from csuite.personas.asking import Asked

log = structlog.get_logger(__name__)

ANALYST_NOTE = "No language model was used. The built-in analyst answered from your metrics by rule."
LENGTH_NOTE = "The answer reached the length limit and ends here. Ask it to go on."
LONGEST = 200_000  # code points of an answer: its HTML must fit into what a reader may lag behind
FILTER_NOTE = "The model's provider held back the rest of this answer."
OUR_FAULT = "Something went wrong on our side. Your question is kept."
STOPPED_BY_SERVER = "The server was restarted while this was being written. What was written is kept."


@dataclass(frozen=True, slots=True)
class AnswerJob:
    """What one persona is asked. `kept` is the text of the interrupted answer that this one continues."""

    message: UUID
    persona: str
    asked: Asked
    kept: str = ""


@dataclass(frozen=True, slots=True)
class TurnJob:
    """Everything a turn needs, read in one transaction before it starts. `labels` hold for every call."""

    tenant: UUID
    conversation: UUID
    turn: UUID
    started: dict[str, object]  # the turn.started frame
    labels: dict[str, str]
    answers: tuple[AnswerJob, ...]


class Wake(Protocol):
    def __call__(self, stream: Stream, *, urgent: bool = False) -> None: ...


Render = Callable[[str], Awaitable[str]]


def call_of(job: TurnJob, answer: AnswerJob, hold: llm.Hold | None = None) -> llm.Call:
    """The model call of one answer."""
    messages = answer.asked.messages
    if answer.kept:
        messages = (
            *messages,
            llm.Message(role="assistant", content=answer.kept),
            llm.Message(role="user", content="Go on exactly where you stopped. Repeat nothing, add no introduction."),
        )
    labels = {
        **job.labels,
        "persona": answer.persona,
        "message": str(answer.message),
        "prompt_version": answer.asked.prompt_version,
    }
    return llm.Call(
        task="chat",
        messages=messages,
        labels=labels,
        facts=answer.asked.facts,
        max_tokens=answer.asked.max_tokens,
        temperature=answer.asked.temperature,
        hold=hold,
    )


async def run_turn(job: TurnJob, stream: Stream, wake: Wake, control: Control, render: Render) -> None:
    """Runs every answer of the turn side by side until each has its last frame. Never raises for a failed answer.

    The whole turn is reserved once; one failing answer does not lose the others.
    """
    try:
        hold = await llm.reserve([call_of(job, answer) for answer in job.answers])
    except llm.errors.LLMError as error:
        _refuse(job, stream, wake, error.code, error.sentence)
        return
    except Exception:
        log.exception("reserve_failed", turn=str(job.turn))
        _refuse(job, stream, wake, "internal", OUR_FAULT)
        return
    try:
        _start(job, stream, wake, hold.estimate)
        runs = [_Run(job, answer, stream, wake, control, hold, render) for answer in job.answers]
        for run in runs:
            control.tasks[run.answer.message] = asyncio.create_task(run.go(), name=f"answer {run.answer.message}")
        control.apply()  # a stop may have come before there was anything to stop
        await asyncio.gather(*control.tasks.values(), return_exceptions=True)
        for run in runs:
            if stream.answers[run.answer.message].outcome is None:  # cancelled before its first step
                await run.end(run.cancelled())
    finally:
        await _release(job, hold)


async def _release(job: TurnJob, hold: llm.Hold) -> None:
    """A reservation that cannot be given back must not lose the answers."""
    try:
        await hold.close()
    except Exception:
        log.exception("hold_not_closed", turn=str(job.turn))


def _start(job: TurnJob, stream: Stream, wake: Wake, found: Estimate | None = None) -> None:
    stream.put(job.started if found is None else {**job.started, "estimate": estimate_body(found)})
    wake(stream, urgent=True)


def _refuse(job: TurnJob, stream: Stream, wake: Wake, code: str, sentence: str) -> None:
    """No answer was begun."""
    _start(job, stream, wake)
    for answer in job.answers:
        version = answer.asked.prompt_version
        _finish(stream, wake, Outcome(answer.message, "failed", note=sentence, error_code=code, prompt_version=version))


def _finish(stream: Stream, wake: Wake, outcome: Outcome) -> None:
    stream.answers[outcome.message].outcome = outcome
    stream.put(outcome)
    wake(stream, urgent=True)


class _Run:
    """One answer being written."""

    def __init__(
        self,
        job: TurnJob,
        answer: AnswerJob,
        stream: Stream,
        wake: Wake,
        control: Control,
        hold: llm.Hold,
        render: Render,
    ) -> None:
        self.job, self.answer, self.stream, self.wake = job, answer, stream, wake
        self.control, self.hold, self.render = control, hold, render
        self.out: Answer = stream.answers[answer.message]
        self.begun = time.monotonic()
        self.started: llm.Started | None = None
        self.skip = ""  # text of the analyst that the kept answer already has
        self.last: llm.Finished | None = None
        self.cut = False  # by us, at LONGEST

    async def go(self) -> None:
        try:
            await self.read()
            outcome = self.complete()
        except asyncio.CancelledError:
            outcome = self.cancelled()
        except llm.errors.LLMError as error:
            outcome = self.broken(error.code, error.sentence)
        except Exception:
            log.exception("answer_failed", message=str(self.answer.message))
            outcome = self.broken("internal", OUR_FAULT)
        await self.end(outcome)

    async def read(self) -> None:
        stream, out, wake = self.stream, self.out, self.wake
        async with aclosing(llm.stream(call_of(self.job, self.answer, self.hold))) as events:
            async for event in events:
                if type(event) is llm.Delta:
                    text = self.fresh(event.text) if self.skip else event.text
                    if "\x00" in text:
                        text = text.replace("\x00", "")
                    if text:
                        stream.text(out, text[: LONGEST - out.length])
                        wake(stream)
                    if out.length >= LONGEST:
                        self.cut = True
                        return
                elif type(event) is llm.Started:
                    self.start(event)
                elif type(event) is llm.Finished:
                    self.last = event

    def start(self, event: llm.Started) -> None:
        self.started = event
        self.stream.put(
            AnswerStarted(
                self.answer.message, event.provider, event.model, self.answer.asked.prompt_version, event.note
            )
        )
        if self.answer.kept:
            self.stream.text(self.out, self.answer.kept)
            self.skip = self.answer.kept if event.provider == "analyst" else ""
        self.wake(self.stream, urgent=True)

    def fresh(self, text: str) -> str:
        """The analyst starts over and says the same again: what the kept answer has is passed over."""
        same = 0
        while same < min(len(text), len(self.skip)) and text[same] == self.skip[same]:
            same += 1
        if same == len(text):
            self.skip = self.skip[same:]
            return ""
        rest = "" if same == len(self.skip) else "\n\n"
        self.skip = ""
        return rest + text[same:]

    def complete(self) -> Outcome:
        reason = "length" if self.cut else self.last.finish_reason if self.last else ""
        if not self.out.length:
            return self.outcome(
                "failed",
                "The model ended without a word. Ask again, or choose another persona.",
                "provider_unavailable",
            )
        notes = {"length": LENGTH_NOTE, "max_tokens": LENGTH_NOTE, "content_filter": FILTER_NOTE}
        note = (
            notes.get(reason or "")
            or (self.last.note if self.last else None)
            or (self.started.note if self.started else None)
        )
        if note is None and self.started and self.started.provider == "analyst":
            note = ANALYST_NOTE
        return self.outcome("complete", note)

    def cancelled(self) -> Outcome:
        if self.control.everything or self.answer.message in self.control.stopped:
            return self.outcome("stopped")
        return self.broken("internal", STOPPED_BY_SERVER, interrupted=True)

    def broken(self, code: str, sentence: str, *, interrupted: bool = False) -> Outcome:
        """After the first visible token nothing is tried again silently: the text is kept, to be continued."""
        return self.outcome("interrupted" if self.out.length or interrupted else "failed", sentence, code)

    def outcome(self, status: str, note: str | None = None, code: str = "") -> Outcome:
        attempt = next(
            (a for a in reversed(self.hold.attempts) if a.labels.get("message") == str(self.answer.message)),
            None,
        )
        usage = empty_usage()
        if attempt is not None:
            counts = attempt.usage
            usage = {
                **usage,
                "prompt": counts.prompt if counts else None,
                "completion": counts.completion if counts else None,
                "cached": counts.cached if counts else None,
                "reasoning": counts.reasoning if counts else None,
                "cost": None if attempt.cost is None else f"{attempt.cost:.4f}",
                "currency": attempt.currency,
                "estimated": bool(counts and counts.estimated),
                "cache": attempt.cache or "off",
            }
        return Outcome(
            message=self.answer.message,
            status=status,
            text=self.out.text,
            note=note,
            error_code=code,
            provider=self.started.provider if self.started else (attempt.provider if attempt else ""),
            model=self.started.model if self.started else (attempt.model if attempt else ""),
            prompt_version=self.answer.asked.prompt_version,
            finish_reason=(self.last.finish_reason or "") if self.last else "",
            usage=usage,
            ttft_ms=attempt.ttft_ms if attempt else None,
            total_ms=round((time.monotonic() - self.begun) * 1000),
        )

    async def end(self, outcome: Outcome) -> None:
        _finish(self.stream, self.wake, replace(outcome, html=await self.render(outcome.text)))
