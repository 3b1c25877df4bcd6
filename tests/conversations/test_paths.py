"""Which siblings are on screen."""

import uuid
from datetime import UTC, datetime, timedelta

from csuite.conversations.models import Message
from csuite.conversations.paths import last_answer, shown_path

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Thread:
    """Builds messages in memory, a second apart."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def say(self, kind: str, parent: Message | None, **fields: object) -> Message:
        at = START + timedelta(seconds=len(self.messages))
        message = Message(id=uuid.uuid4(), kind=kind, parent_id=parent.id if parent else None, created_at=at, **fields)
        self.messages.append(message)
        return message

    def ask(self, parent: Message | None = None) -> Message:
        return self.say("question", parent, text="?")

    def answer(self, question: Message, persona: str = "cfo", position: int = 0) -> Message:
        return self.say("answer", question, persona=persona, position=position)


def test_the_newest_is_shown_when_nothing_was_chosen() -> None:
    thread = Thread()
    first = thread.ask()
    thread.answer(first)
    newer = thread.answer(first)
    (exchange,) = shown_path(thread.messages, {})
    assert exchange.answers[0].message is newer
    assert exchange.answers[0].index == 1


def test_a_chosen_sibling_is_shown_and_what_follows_it() -> None:
    thread = Thread()
    question = thread.ask()
    old = thread.answer(question)
    new = thread.answer(question)
    follow_old, follow_new = thread.ask(old), thread.ask(new)
    path = shown_path(thread.messages, {f"{question.id}:cfo": str(old.id)})
    assert [e.question for e in path] == [question, follow_old]
    path = shown_path(thread.messages, {})
    assert [e.question for e in path] == [question, follow_new]


def test_an_edited_question_is_a_sibling() -> None:
    thread = Thread()
    first = thread.ask()
    edited = thread.ask()
    (exchange,) = shown_path(thread.messages, {"": str(first.id)})
    assert exchange.question is first
    assert exchange.siblings == (first, edited)


def test_a_boardroom_shows_one_answer_per_persona_in_the_order_asked() -> None:
    thread = Thread()
    question = thread.ask()
    thread.answer(question, "cfo", 0)
    thread.answer(question, "cmo", 1)
    cfo_again = thread.answer(question, "cfo", 0)
    (exchange,) = shown_path(thread.messages, {})
    assert [(a.message.persona, len(a.siblings)) for a in exchange.answers] == [("cfo", 2), ("cmo", 1)]
    assert exchange.answers[0].message is cfo_again


def test_the_next_question_follows_the_synthesis_else_the_last_answer() -> None:
    thread = Thread()
    question = thread.ask()
    thread.answer(question, "cfo", 0)
    cmo = thread.answer(question, "cmo", 1)
    assert last_answer(shown_path(thread.messages, {})) == cmo.id
    synthesis = thread.say("answer", question, persona="", role="synthesis", position=2)
    assert last_answer(shown_path(thread.messages, {})) == synthesis.id
    assert last_answer([]) is None
