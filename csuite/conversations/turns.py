"""One turn: a question and its answers, side by side. Knows no socket, no view and no table.

`run_turn` pushes into a Stream instead of yielding: a queue and a task switch per token would cost as much as
reading the token does (docs/decisions.md).
"""

import asyncio

import structlog

from csuite import llm
from csuite.conversations.answering import OUR_FAULT, Render, Wake, Writing, finish
from csuite.conversations.boardroom.prompting import has_a_model
from csuite.conversations.boardroom.synthesizing import Synthesizing
from csuite.conversations.control import Control
from csuite.conversations.events import Outcome, estimate_body
from csuite.conversations.jobs import TurnJob, call_of
from csuite.conversations.streamlog import Stream
from csuite.llm.estimating import Estimate
from csuite.llm.registry import ANALYST

log = structlog.get_logger(__name__)


async def run_turn(job: TurnJob, stream: Stream, wake: Wake, control: Control, render: Render) -> None:
    """Runs every answer of the turn side by side until each has its last frame. Never raises for a failed answer.

    The whole turn is reserved once; one failing answer does not lose the others. A synthesis comes after them.
    """
    try:
        hold = await _reserve(job)
    except llm.errors.LLMError as error:
        _refuse(job, stream, wake, error.code, error.sentence)
        return
    except Exception:
        log.exception("reserve_failed", turn=str(job.turn))
        _refuse(job, stream, wake, "internal", OUR_FAULT)
        return
    try:
        _start(job, stream, wake, hold.estimate)
        runs = [Writing(job, answer, stream, wake, control, hold, render) for answer in job.answers]
        for run in runs:
            control.tasks[run.answer.message] = asyncio.create_task(run.go(), name=f"answer {run.answer.message}")
        if job.synthesis:
            last = Synthesizing(job, job.synthesis, stream, wake, control, hold, render)
            last.waits_for(list(runs), list(control.tasks.values()))
            runs.append(last)
            control.tasks[job.synthesis.message] = asyncio.create_task(last.go(), name=f"synthesis {job.turn}")
        control.apply()  # a stop may have come before there was anything to stop
        await asyncio.gather(*control.tasks.values(), return_exceptions=True)
        for run in runs:
            if stream.answers[run.answer.message].outcome is None:  # cancelled before its first step
                await run.end(run.cancelled())
    finally:
        await _release(job, hold)


async def _reserve(job: TurnJob) -> llm.Hold:
    """For everything that may be asked. A synthesis that no model can write is written by rules and costs nothing."""
    calls = [call_of(job, answer) for answer in job.answers]
    if job.synthesis and await has_a_model(wanted := call_of(job, job.synthesis)):
        calls.append(wanted)
    return await llm.reserve(calls) if calls else llm.Hold(ANALYST)


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
    for answer in job.written:
        version = answer.asked.prompt_version
        finish(stream, wake, Outcome(answer.message, "failed", note=sentence, error_code=code, prompt_version=version))
