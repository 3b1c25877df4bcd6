"""What a turn needs before it starts, as values: its answers, who asks, and the model call of each answer."""

from dataclasses import dataclass
from uuid import UUID

from csuite import llm
from csuite.conversations.boardroom.prompting import Brief, as_call
from csuite.personas.asking import Asked


@dataclass(frozen=True, slots=True)
class AnswerJob:
    """What one persona is asked. `kept` is the text of the interrupted answer that this one continues."""

    message: UUID
    persona: str
    asked: Asked
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """An officer's complete answer from an earlier turn, that a new synthesis reads."""

    officer: str
    message: UUID
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisJob(AnswerJob):
    """What brings the answers together. `asked` is as long as it may get: the answers are not there yet."""

    brief: Brief
    given: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnJob:
    """Everything a turn needs, read in one transaction before it starts. `labels` hold for every call."""

    tenant: UUID
    conversation: UUID
    turn: UUID
    started: dict[str, object]  # the turn.started frame
    labels: dict[str, str]
    answers: tuple[AnswerJob, ...]
    synthesis: SynthesisJob | None = None

    @property
    def written(self) -> tuple[AnswerJob, ...]:
        """All that will be written, the synthesis last."""
        return (*self.answers, self.synthesis) if self.synthesis else self.answers


def call_of(job: TurnJob, answer: AnswerJob, hold: llm.Hold | None = None) -> llm.Call:
    """The model call of one answer; of a synthesis, as it is reserved for."""
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
    call = llm.Call(
        task="chat",
        messages=messages,
        labels=labels,
        facts=answer.asked.facts,
        max_tokens=answer.asked.max_tokens,
        temperature=answer.asked.temperature,
        hold=hold,
    )
    return as_call(call, answer.brief) if isinstance(answer, SynthesisJob) else call
