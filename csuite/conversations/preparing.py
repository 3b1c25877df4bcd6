"""Reads everything a turn needs, in the transaction that starts it: the path to the question, facts, prompts."""

from uuid import UUID

from django.utils import timezone

from csuite.conversations.jobs import AnswerJob, TurnJob
from csuite.conversations.models import Message, Turn
from csuite.conversations.opening import answer_rows, started_frame
from csuite.personas.asking import prepare
from csuite.tenants.problems import Problem

LONGEST_PATH = 40  # messages; prompt building keeps fewer, this only bounds the walk

Said = tuple[str, str | None, str]  # role, persona, text


def job_of(turn: Turn) -> TurnJob:
    """The running turn as a job. Inside the tenant's scope."""
    question = turn.question
    history = history_before(question)
    today = timezone.localdate()
    jobs = tuple(
        AnswerJob(
            answer.id,
            answer.persona,
            prepare(answer.persona, question.text, history, today),
            answer.continues.text if answer.continues else "",
        )
        for answer in answer_rows(turn)
    )
    labels = {
        "tenant": str(turn.tenant_id),
        "user": str(turn.user_id),
        "conversation": str(turn.conversation_id),
        "turn": str(turn.id),
    }
    return TurnJob(turn.tenant_id, turn.conversation_id, turn.id, started_frame(turn), labels, jobs)


def history_before(question: Message) -> list[Said]:
    """What was said on the path to the question, oldest first. After a boardroom all its answers are context."""
    if question.parent_id is None:
        return []
    messages = {m.id: m for m in Message.objects.filter(conversation_id=question.conversation_id)}
    said: list[Said] = []
    at: UUID | None = question.parent_id
    while at is not None and len(said) < LONGEST_PATH:
        answer = messages.get(at)
        if answer is None:
            raise Problem("not_found", "There is no such answer in this conversation.")
        together = [m for m in messages.values() if m.turn_id == answer.turn_id and m.kind == Message.Kind.ANSWER]
        said += [("assistant", m.persona, m.text) for m in sorted(together, key=lambda m: -m.position) if m.text]
        asked = messages[answer.parent_id]
        said.append(("user", None, asked.text))
        at = asked.parent_id
    return said[::-1]
