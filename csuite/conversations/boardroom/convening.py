"""Reads what a synthesis needs, in the transaction that starts its turn: who answers, what was said, its prompt."""

from collections.abc import Sequence
from datetime import date

from csuite.conversations.boardroom import BOARD, prompting
from csuite.conversations.jobs import Given, SynthesisJob
from csuite.conversations.models import Conversation, Message, Turn
from csuite.conversations.paths import shown_answers
from csuite.personas.asking import Asked
from csuite.personas.catalogue import all_personas


def synthesis_job(turn: Turn, rows: Sequence[Message], decisions: Sequence[str], today: date) -> SynthesisJob | None:
    """Of a turn with these answer rows; None for one without a synthesis. Inside the tenant's scope."""
    row = next((row for row in rows if row.role == Message.Role.SYNTHESIS), None)
    if row is None:
        return None
    officers = [one.persona for one in rows if one.role == Message.Role.ANSWER]
    given = () if officers else given_answers(turn.conversation, turn.question)
    brief = brief_of(turn.question.text, officers or [one.officer for one in given], decisions, today)
    return SynthesisJob(message=row.id, persona=BOARD, asked=asked(brief), brief=brief, given=given)


def given_answers(conversation: Conversation, question: Message) -> tuple[Given, ...]:
    """The complete answers to this question that are on screen."""
    messages = Message.objects.filter(conversation=conversation, parent=question)
    shown = (one.message for one in shown_answers(question.id, messages, conversation.shown))
    return tuple(
        Given(m.persona, m.id, m.text)
        for m in shown
        if m.role == Message.Role.ANSWER and m.status == Message.Status.COMPLETE
    )


def brief_of(question: str, officers: Sequence[str], decisions: Sequence[str], today: date) -> prompting.Brief:
    """The officers in the order they were asked; one that has been switched off since goes by its key."""
    called = {officer.key: officer.name for officer in all_personas()}
    names = {key: called.get(key, key.upper()) for key in officers}
    return prompting.brief(question, names, tuple(decisions), today)


def asked(brief: prompting.Brief) -> Asked:
    """As long as it may get: to reserve for, before the answers are there."""
    return Asked(prompting.messages(brief), {}, brief.identifier, brief.max_tokens, brief.temperature, brief.tier)
