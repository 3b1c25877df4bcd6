"""The path on screen: which of the sibling questions and answers a person sees. Pure, over loaded messages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from csuite.conversations.models import Message


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer on screen, and its siblings (other tries of the same persona at the same question), oldest first."""

    message: Message
    siblings: tuple[Message, ...]

    @property
    def index(self) -> int:
        return self.siblings.index(self.message)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question on screen with its answers, one per persona, in the order they were asked."""

    question: Message
    siblings: tuple[Message, ...]
    answers: tuple[Shown, ...]

    @property
    def index(self) -> int:
        return self.siblings.index(self.question)


def _pick(choices: list[Message], wanted: str | None) -> Message:
    return next((m for m in choices if str(m.id) == wanted), choices[-1])


def shown_path(messages: Iterable[Message], chosen: Mapping[str, str]) -> list[Exchange]:
    """The exchanges on screen, first to last. `chosen` is Conversation.shown; where it is silent, the newest."""
    ordered = _in_order(messages)
    questions: dict[UUID | None, list[Message]] = defaultdict(list)
    answers: dict[UUID | None, list[Message]] = defaultdict(list)
    for message in ordered:
        which = questions if message.kind == Message.Kind.QUESTION else answers
        which[message.parent_id].append(message)
    path: list[Exchange] = []
    parents: list[UUID | None] = [None]
    while True:
        found = [(parent, questions[parent]) for parent in parents if questions.get(parent)]
        if not found:
            return path
        parent, choices = found[-1]
        question = _pick(choices, chosen.get(str(parent or "")))
        shown = shown_answers(question.id, answers[question.id], chosen)
        path.append(Exchange(question, tuple(choices), shown))
        parents = [answer.message.id for answer in shown]


def _in_order(messages: Iterable[Message]) -> list[Message]:
    return sorted(messages, key=lambda m: (m.created_at, m.position))


def shown_answers(question: UUID, answers: Iterable[Message], chosen: Mapping[str, str]) -> tuple[Shown, ...]:
    """Of the answers to one question those on screen: one for each persona, a synthesis last."""
    tries: dict[str, list[Message]] = defaultdict(list)
    for message in _in_order(answers):
        tries[message.persona].append(message)
    shown = [Shown(_pick(one, chosen.get(f"{question}:{key}")), tuple(one)) for key, one in tries.items()]
    return tuple(sorted(shown, key=lambda one: one.message.role == Message.Role.SYNTHESIS))


def way_to(message: Message, messages: Mapping[UUID, Message]) -> dict[str, str]:
    """What must be chosen for `message` to be on screen: its ancestors and itself, as in Conversation.shown."""
    way: dict[str, str] = {}
    at: Message | None = message
    while at is not None:
        way[key_of(at)] = str(at.id)
        at = messages.get(at.parent_id) if at.parent_id else None
    return way


def key_of(message: Message) -> str:
    """Under which key Conversation.shown keeps the choice of this message among its siblings."""
    if message.kind == Message.Kind.ANSWER:
        return f"{message.parent_id}:{message.persona}"
    return str(message.parent_id or "")


def last_answer(path: list[Exchange]) -> UUID | None:
    """What the next question follows: a synthesis if there is one, else the last answer on screen."""
    if not path or not path[-1].answers:
        return None
    shown = [answer.message for answer in path[-1].answers]
    return next((m.id for m in shown if m.role == Message.Role.SYNTHESIS), shown[-1].id)
