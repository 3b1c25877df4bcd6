"""What the boardroom's pages show: the questions that were put to several officers, and one of them with its seats."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q

from csuite.conversations.access import not_found
from csuite.conversations.boardroom import LEAST, minutes
from csuite.conversations.decisions import deciding, showing
from csuite.conversations.models import Conversation, Decision, Message
from csuite.conversations.pages import AnswerView, answer_view
from csuite.conversations.paths import Exchange, shown_answers, shown_path
from csuite.personas.catalogue import all_personas
from csuite.tenants.models import Membership

RECENT = 40  # questions in the list
UNFINISHED = (Message.Status.QUEUED, Message.Status.STREAMING)
ENDED = {"complete": "Finished", "stopped": "Stopped", "interrupted": "Interrupted", "failed": "No answer"}
COUNTS = {1: "One", 2: "Two", 3: "Three", 4: "Four"}


@dataclass(frozen=True, slots=True)
class Sitting:
    """One question of the list."""

    conversation: UUID
    question: Message
    officers: list[str]
    decided: bool


def recent(member: Membership) -> list[Sitting]:
    """The member's own questions to several officers, newest first."""
    mine = Conversation.objects.filter(user_id=member.user_id, deleted_at=None)
    several = Count("children", filter=Q(children__role=Message.Role.SYNTHESIS), distinct=True)
    rows = Message.objects.filter(kind=Message.Kind.QUESTION, conversation__in=mine).annotate(several=several)
    questions = list(rows.filter(several__gt=0).order_by("-created_at")[:RECENT])
    answers = Message.objects.filter(parent__in=questions).order_by("position")
    decided = set(Decision.objects.filter(message__in=answers).values_list("message__parent_id", flat=True))
    officers: dict[UUID, list[str]] = {}
    for parent, persona in answers.filter(role=Message.Role.ANSWER).values_list("parent_id", "persona"):
        if persona not in officers.setdefault(parent, []):
            officers[parent].append(persona)
    return [Sitting(q.conversation_id, q, officers.get(q.id, []), q.id in decided) for q in questions]


@dataclass(frozen=True, slots=True)
class Seat:
    """One officer's place at the table."""

    answer: AnswerView
    state: str
    shown: bool

    @property
    def persona(self) -> Any:
        return self.answer.persona


def sitting(member: Membership, conversation: Conversation, question: UUID | None) -> dict[str, Any]:
    """The board of one question: the one named, else the last on screen. Raises Problem("not_found")."""
    exchange = _exchange(conversation, question)
    answers = [answer_view(shown) for shown in exchange.answers if shown.message.role == Message.Role.ANSWER]
    board = next((s.message for s in exchange.answers if s.message.role == Message.Role.SYNTHESIS), None)
    found = minutes.read(board.synthesis) if board else None
    seats = [Seat(answer, state_of(answer), place == 0) for place, answer in enumerate(answers)]
    busy = [answer for answer in answers if answer.message.status in UNFINISHED]
    running = bool(busy) or (board is not None and board.status in UNFINISHED)
    complete = [answer for answer in answers if answer.message.status == Message.Status.COMPLETE]
    owners = deciding.owners(member)
    return {
        "conversation": conversation,
        "question": exchange.question,
        "seats": seats,
        "board": board,
        "minutes": found,
        "agreed": minutes.agreed_words(found) if found else "",
        "behind": minutes.behind_words(found) if found else "",
        "is_stale": found is not None and is_stale(found, answers),
        "may_sum_up": board is not None and not running and len(complete) >= LEAST,
        "decision": Decision.objects.filter(message=board).order_by("created_at").first() if board else None,
        "running": running,
        "waiting": waiting_words(answers, busy),
        "sources": sources_words(answers),
        "owners": owners,
        "chosen_owner": showing.suggested(owners, found.owner) if found else None,
        "may_approve": member.role in deciding.APPROVERS,
        "socket_path": f"/ws/conversations/{conversation.id}/",
        "max_length": settings.QUESTION_MAX_LENGTH,
        "personas": all_personas(),
    }


def _exchange(conversation: Conversation, question: UUID | None) -> Exchange:
    rows = list(Message.objects.filter(conversation=conversation))
    if question is not None:
        asked = next((m for m in rows if m.id == question and m.kind == Message.Kind.QUESTION), None)
        if asked is None:
            raise not_found()
        answers = shown_answers(asked.id, [m for m in rows if m.parent_id == asked.id], conversation.shown)
        return Exchange(asked, (asked,), answers)
    sat = [e for e in shown_path(rows, conversation.shown) if len(e.answers) > 1]
    if not sat:
        raise not_found()
    return sat[-1]


def is_stale(found: minutes.Minutes, answers: list[AnswerView]) -> bool:
    """Whether somebody has answered again since, or for the first time."""
    now = {a.message.persona: str(a.message.id) for a in answers if a.message.status == Message.Status.COMPLETE}
    return now != found.answers


def state_of(answer: AnswerView) -> str:
    """Beside the officer's name. static/js/boardroom.js says the same in the browser."""
    status = answer.message.status
    if status == Message.Status.STREAMING:
        return "Writing" if answer.text else "Reading the company’s figures"
    if status == Message.Status.QUEUED:
        return "Waiting in the queue"
    seconds = answer.seconds
    took = f" in {seconds:.0f} s" if seconds is not None and seconds >= 1 and status == "complete" else ""
    return f"{ENDED[status]}{took}"


def waiting_words(answers: list[AnswerView], busy: list[AnswerView]) -> tuple[str, str]:
    """What the box says until the synthesis is there: a sentence that stands out, and how far the others are."""
    if not busy:
        return "The synthesis is being written.", "The officers have finished."
    whole = "both" if len(answers) == 2 else f"all {COUNTS.get(len(answers), str(len(answers))).lower()}"
    head = f"The synthesis begins when {whole} have finished." if len(answers) > 1 else "The answer is being written."
    writing = sum(1 for answer in busy if answer.text)
    reading = len(busy) - writing
    parts = [_count(n, what) for n, what in ((writing, "writing"), (reading, "reading")) if n]
    rest = ", ".join(parts)
    return head, f"{rest[0].upper()}{rest[1:]}." if rest else ""


def _count(number: int, what: str) -> str:
    return f"{COUNTS.get(number, str(number)).lower()} {'is' if number == 1 else 'are'} {what}"


def sources_words(answers: list[AnswerView]) -> str:
    """How many figures of the answers stand in the company's data; "" where nothing was checked."""
    marks = [mark for answer in answers for mark in answer.message.evidence if mark.get("class") != "not_a_claim"]
    if not marks:
        return ""
    found = [mark for mark in marks if mark["class"] in ("found", "calculated")]
    words = f"{len(found)} of {len(marks)} figure{'s' if len(marks) != 1 else ''} in the answers"
    verb = "was" if len(found) == 1 else "were"
    rest = len(marks) - len(found)
    lost = f" {rest} {'was' if rest == 1 else 'were'} not." if rest else ""
    return f"{words} {verb} found in your data or calculated from it.{lost}"
