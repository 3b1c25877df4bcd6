"""One answer being written: from its model call to its last frame. Knows no socket, no view and no table."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

import structlog

from csuite import llm
from csuite.conversations.control import Control
from csuite.conversations.events import AnswerStarted, Outcome, empty_usage, evidence_found, evidence_path
from csuite.conversations.jobs import AnswerJob, TurnJob, call_of
from csuite.conversations.streamlog import Answer, Stream
from csuite.conversations.tracing import Evidence, Tracing

log = structlog.get_logger(__name__)

ANALYST_NOTE = "No language model was used. The built-in analyst answered from your metrics by rule."
LENGTH_NOTE = "The answer reached the length limit and ends here. Ask it to go on."
LONGEST = 200_000  # code points of an answer: its HTML must fit into what a reader may lag behind
FILTER_NOTE = "The model's provider held back the rest of this answer."
OUR_FAULT = "Something went wrong on our side. Your question is kept."
STOPPED_BY_SERVER = "The server was restarted while this was being written. What was written is kept."


class Wake(Protocol):
    def __call__(self, stream: Stream, *, urgent: bool = False) -> None: ...


Render = Callable[[str, Sequence[Evidence], str], Awaitable[str]]  # the text, its evidence, where that is shown


def finish(stream: Stream, wake: Wake, outcome: Outcome) -> None:
    stream.answers[outcome.message].outcome = outcome
    stream.put(outcome)
    wake(stream, urgent=True)


class Writing:
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
        self.tracing = Tracing(answer.asked, self.out, self.traced)

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
                        self.tracing.saw(text)
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
            self.tracing.saw(self.answer.kept)
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

    def traced(self, evidence: list[Evidence]) -> None:
        self.stream.put(evidence_found(self.answer.message, evidence))
        self.wake(self.stream)

    async def end(self, outcome: Outcome) -> None:
        evidence = await self.tracing.finish()
        html = await self.render(outcome.text, evidence, evidence_path(self.answer.message))
        grounds = self.answer.asked.grounds
        age = grounds.age(evidence) if grounds else {}
        finish(self.stream, self.wake, replace(outcome, html=html, evidence=evidence, data_age=age))
