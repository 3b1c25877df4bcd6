"""Reads everything a turn needs, in the transaction that starts it: the path to the question, facts, prompts."""

from collections import defaultdict
from uuid import UUID

from django.utils import timezone

from csuite.conversations.boardroom.convening import synthesis_job
from csuite.conversations.decisions.recalling import approved_lines
from csuite.conversations.jobs import AnswerJob, TurnJob
from csuite.conversations.models import Message, Turn
from csuite.conversations.opening import answer_rows, started_frame
from csuite.conversations.paths import shown_answers, way_to
from csuite.conversations.windows import OUTLINE
from csuite.personas.asking import prepare
from csuite.tenants.problems import Problem

LONGEST_PATH = 40  # messages; prompt building keeps fewer, this only bounds the walk

Said = tuple[str, str | None, str]  # role, persona, text


def job_of(turn: Turn) -> TurnJob:
    """The running turn as a job. Inside the tenant's scope."""
    question = turn.question
    history = history_before(question)
    today = timezone.localdate()
    decisions = approved_lines()
    rows = answer_rows(turn)
    jobs = tuple(
        AnswerJob(
            answer.id,
            answer.persona,
            prepare(answer.persona, question.text, history, today, decisions),
            answer.continues.text if answer.continues else "",
        )
        for answer in rows
        if answer.role == Message.Role.ANSWER
    )
    synthesis = synthesis_job(turn, rows, decisions, today)
    labels = {
        "tenant": str(turn.tenant_id),
        "user": str(turn.user_id),
        "conversation": str(turn.conversation_id),
        "turn": str(turn.id),
    }
    return TurnJob(turn.tenant_id, turn.conversation_id, turn.id, started_frame(turn), labels, jobs, synthesis)


def history_before(question: Message) -> list[Said]:
    """What was said on the path to the question, oldest first: what its asker has on screen, and nothing else.

    After a boardroom all its answers are context, each in the version shown.
    """
    if question.parent_id is None:
        return []
    rows = Message.objects.filter(conversation_id=question.conversation_id).only(*OUTLINE, "text")
    messages = {m.id: m for m in rows.order_by("created_at", "position")}
    tries: dict[UUID, list[Message]] = defaultdict(list)
    for one in messages.values():
        if one.kind == Message.Kind.ANSWER:
            tries[one.parent_id].append(one)
    chosen = {**question.conversation.shown, **way_to(question, messages)}
    said: list[Said] = []
    at: UUID | None = question.parent_id
    while at is not None and len(said) < LONGEST_PATH:
        answer = messages.get(at)
        if answer is None:
            raise Problem("not_found", "There is no such answer in this conversation.")
        asked = messages[answer.parent_id]
        together = [shown.message for shown in shown_answers(asked.id, tries[asked.id], chosen)]
        said += [("assistant", m.persona, m.text) for m in reversed(together) if m.text]
        said.append(("user", None, asked.text))
        at = asked.parent_id
    return said[::-1]
