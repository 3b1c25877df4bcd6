"""A question can be put in other words without being asked again; the model then sees what is on screen."""

import uuid
from typing import Any

import pytest
from django.test import Client

from csuite.conversations.models import Conversation, Message
from csuite.conversations.preparing import history_before
from csuite.tenants.scope import tenant_scope
from tests.conversations.test_views import QUESTION, close, made, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(cast: Any) -> Client:
    client: Client = cast.client(cast.bob)
    return client


def reword(client: Client, conversation: uuid.UUID, message: object, text: str) -> Any:
    return client.post(
        f"/conversations/{conversation}/reword/",
        {"message": message, "text": text},
        headers={"Accept": "application/json"},
    )


def test_new_words_keep_the_answers_and_the_words_before(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    close(cast, conversation)
    question = rows(cast, conversation)[0]
    assert reword(bob, conversation, question.id, "  Why did it fall? ").json() == {"text": "Why did it fall?"}
    assert reword(bob, conversation, question.id, "Why did it fall in May?").status_code == 200
    reply = bob.get(f"/conversations/{conversation}/")
    assert "Why did it fall in May?" in reply.text
    assert "Because." in reply.text
    assert rows(cast, conversation)[0].earlier == [QUESTION, "Why did it fall?"]
    assert len(rows(cast, conversation)) == 2, "nothing was asked"


def test_the_next_question_follows_the_words_on_screen(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    close(cast, conversation)
    first = rows(cast, conversation)[0]
    reword(bob, conversation, first.id, "What of October?")
    bob.post(f"/conversations/{conversation}/ask/", {"text": "And now?", "persona": "cfo"})
    with tenant_scope(cast.acme.id):
        asked = Message.objects.get(text="And now?")
        assert [text for _, _, text in history_before(asked)] == ["What of October?", "Because."]


def test_the_same_words_change_nothing(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    close(cast, conversation)
    question = rows(cast, conversation)[0]
    assert reword(bob, conversation, question.id, QUESTION).status_code == 200
    assert rows(cast, conversation)[0].earlier is None


def test_a_form_leads_back_to_the_conversation(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    answer = close(cast, conversation)
    reply = bob.post(f"/conversations/{conversation}/reword/", {"message": answer.parent_id, "text": "Other words"})
    assert reply["Location"] == f"/conversations/{conversation}/"


def test_a_question_that_is_being_answered_keeps_its_words(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    question = rows(cast, conversation)[0]
    reply = reword(bob, conversation, question.id, "Other words")
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_frame")
    assert rows(cast, conversation)[0].text == QUESTION


@pytest.mark.parametrize("text", ["", "   ", "x" * 5001])
def test_words_that_cannot_be_asked_are_refused(bob: Client, cast: Any, text: str) -> None:
    conversation = made(bob)
    answer = close(cast, conversation)
    assert reword(bob, conversation, answer.parent_id, text).status_code in (400, 413)


def test_what_is_no_question_of_this_conversation_is_not_found(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    answer = close(cast, conversation)
    for message in (answer.id, uuid.uuid4(), "x"):
        assert reword(bob, conversation, message, "Other words").status_code == 404
    other = made(bob)
    assert reword(bob, other, answer.parent_id, "Other words").status_code == 404
    assert reword(cast.client(cast.alice), conversation, answer.parent_id, "Other words").status_code == 404


def test_after_several_answered_the_versions_on_screen_are_the_context(bob: Client, cast: Any) -> None:
    """One of them was asked again: the other's answer is still on screen, so it is still said."""
    conversation = made(bob, persona=["ceo", "cfo"])
    with tenant_scope(cast.acme.id):
        talk = Conversation.objects.get(id=conversation)
        for answer in Message.objects.filter(conversation=talk, role="answer", kind="answer"):
            Message.objects.filter(id=answer.id).update(text=f"{answer.persona} first", status="complete")
        question = Message.objects.get(conversation=talk, kind="question")
        again = Message.objects.create(
            conversation=talk, parent=question, kind="answer", persona="ceo", text="ceo again"
        )
        follow = Message.objects.create(conversation=talk, parent=again, kind="question", text="And?")
        assert [text for _, _, text in history_before(follow)] == [QUESTION, "ceo again", "cfo first"]
        talk.shown = {f"{question.id}:ceo": str(Message.objects.get(text="ceo first").id)}
        talk.save(update_fields=["shown"])
        last = Message.objects.create(
            conversation=talk, parent=Message.objects.get(text="cfo first"), kind="question", text="So?"
        )
        assert [text for _, _, text in history_before(last)] == [QUESTION, "ceo first", "cfo first"]
