"""The synthesis as the last answer of a turn: it waits for the officers, asks for the minutes, and has them checked."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import structlog

from csuite import llm
from csuite.conversations.answering import Writing
from csuite.conversations.boardroom import LEAST, prompting
from csuite.conversations.boardroom.by_rules import minutes_by_rules
from csuite.conversations.boardroom.minutes import Form, Minutes, markdown
from csuite.conversations.boardroom.tracing import traced
from csuite.conversations.events import Outcome
from csuite.conversations.jobs import SynthesisJob, call_of
from csuite.llm.registry import ANALYST
from csuite.llm.structured import extracted
from csuite.personas.templating import PromptError

log = structlog.get_logger(__name__)

TOO_FEW = "A synthesis needs two complete answers. Ask those again that failed, then ask for the synthesis."
BY_RULE = "The answers were laid side by side by rule."
NO_MODEL = f"No language model was used. {BY_RULE}"


class Synthesizing(Writing):
    """It begins when those of the same turn have ended; its job holds the answers of earlier turns."""

    officers: Sequence[Writing] = ()
    tasks: Sequence[asyncio.Task[None]] = ()
    minutes: Minutes | None = None
    note: str | None = None

    def waits_for(self, officers: Sequence[Writing], tasks: Sequence[asyncio.Task[None]]) -> None:
        self.officers, self.tasks = officers, tasks

    async def read(self) -> None:
        await self._others()
        self.begun = time.monotonic()
        answers = self._answers()
        if len(answers) < LEAST:
            return
        said = {officer: text for officer, (_, text) in answers.items()}
        self.minutes, started = await self._minutes(said)
        where = {officer: message for officer, (message, _) in answers.items()}
        self.minutes = self.minutes.model_copy(update={"answers": where})
        self.start(started)
        self.note = started.note
        self.stream.text(self.out, markdown(self.minutes))
        self.wake(self.stream)

    async def _others(self) -> None:
        """Until each has its last frame, also one that was cancelled before its first step."""
        if self.tasks:
            await asyncio.wait(self.tasks)
        for officer in self.officers:
            if officer.out.outcome is None:
                await officer.end(officer.cancelled())

    def _answers(self) -> dict[str, tuple[str, str]]:
        """Officer -> (id, text) of the complete answers, in the order they were asked."""
        job = self._job
        found = {given.officer: (str(given.message), given.text) for given in job.given}
        for officer in self.officers:
            ended = officer.out.outcome
            if ended is not None and ended.status == "complete":
                found[officer.answer.persona] = (str(ended.message), ended.text)
        return {officer: found[officer] for officer in job.brief.names if officer in found}

    async def _minutes(self, said: dict[str, str]) -> tuple[Minutes, llm.Started]:
        """By a model, else by rules: a synthesis of two answers never fails for want of a model."""
        brief = self._job.brief
        names = {officer: brief.names[officer] for officer in said}
        if self.hold.route == ANALYST:
            return minutes_by_rules(said, names), llm.Started(ANALYST, "", NO_MODEL)
        try:
            call = replace(call_of(self.job, self.answer, self.hold), messages=prompting.messages(brief, said))
            form, reply = await extracted(call, Form)
        except llm.errors.LLMError as error:
            note = f"{error.sentence} {BY_RULE}" if error.tried else NO_MODEL
        except PromptError:
            log.exception("synthesis_prompt_unusable", prompt=brief.identifier)
            note = f"The prompt of the synthesis cannot be used. {BY_RULE}"
        else:
            return traced(form, said, names, brief.question), llm.Started(reply.provider, reply.model, reply.note)
        return minutes_by_rules(said, names), llm.Started(ANALYST, "", note)

    @property
    def _job(self) -> SynthesisJob:
        assert isinstance(self.answer, SynthesisJob)
        return self.answer

    def complete(self) -> Outcome:
        if self.minutes is None:
            return self.outcome("failed", TOO_FEW, "provider_unavailable")
        return replace(self.outcome("complete", self.note), synthesis=self.minutes.stored())
