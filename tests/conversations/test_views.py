"""The pages of conversations with plain forms, as somebody without a script uses them."""

import uuid
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from csuite.conversations.models import Conversation, Frame, Message, Turn
from csuite.tenants.models import Membership
from csuite.tenants.scope import tenant_scope
from tests.conftest import visible

pytestmark = pytest.mark.django_db

QUESTION = "Why did gross margin fall in October?"


@pytest.fixture
def bob(cast: Any) -> Client:
    client: Client = cast.client(cast.bob)
    return client


def made(client: Client, **fields: Any) -> uuid.UUID:
    """A conversation begun with a form; its id is in the redirect."""
    reply = client.post("/conversations/", {"text": QUESTION, "persona": "cfo", **fields})
    assert reply.status_code == 302, visible(reply)
    return uuid.UUID(reply["Location"].rstrip("/").rsplit("/", 1)[1])


def rows(cast: Any, conversation: uuid.UUID) -> list[Message]:
    with tenant_scope(cast.acme.id):
        return list(Message.objects.filter(conversation_id=conversation).order_by("created_at", "position"))


def close(cast: Any, conversation: uuid.UUID, **fields: Any) -> Message:
    """Ends the open answer as a runner would."""
    with tenant_scope(cast.acme.id):
        answer = Message.objects.filter(conversation_id=conversation, kind="answer").latest("created_at")
        values = {"status": "complete", "text": "Because.", "html": "<p>Because.</p>", **fields}
        Message.objects.filter(id=answer.id).update(**values)
        Turn.objects.filter(id=answer.turn_id).update(status="finished")
        found: Message = Message.objects.get(id=answer.id)
        return found


def test_a_program_gets_the_id_of_a_new_conversation(bob: Client) -> None:
    reply = bob.post("/conversations/", "{}", content_type="application/json")
    assert reply.status_code == 201
    assert list(reply.json()) == ["id"]
    assert bob.get(f"/conversations/{reply.json()['id']}/").status_code == 200


def test_a_form_asks_and_leads_to_the_conversation(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    question, answer = rows(cast, conversation)
    assert (question.text, answer.persona, answer.status) == (QUESTION, "cfo", "queued")
    page = bob.get(f"/conversations/{conversation}/")
    assert QUESTION in visible(page)
    assert b'http-equiv="refresh"' in page.content


def test_the_page_shows_what_is_stored_of_an_answer_that_runs(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    with tenant_scope(cast.acme.id):
        answer = Message.objects.get(conversation_id=conversation, kind="answer")
        Message.objects.filter(id=answer.id).update(status="streaming")
        Turn.objects.filter(id=answer.turn_id).update(status="running")
        frame = {"type": "text.delta", "message": str(answer.id), "at": 0, "text": "It fell **because**"}
        Frame.objects.create(turn_id=answer.turn_id, seq=0, payload=orjson.dumps(frame).decode())
    assert "<strong>because</strong>" in bob.get(f"/conversations/{conversation}/").content.decode()


def test_a_whole_answer_is_shown_and_the_page_rests(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    close(cast, conversation)
    page = bob.get(f"/conversations/{conversation}/").content
    assert b"<p>Because.</p>" in page
    assert b'http-equiv="refresh"' not in page


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"text": "x" * 5001}, 413), ({"text": "a\x00b"}, 400), ({"persona": "nobody"}, 400)],
)
def test_a_question_that_is_refused_keeps_its_text(bob: Client, cast: Any, fields: dict[str, str], status: int) -> None:
    sent = {"text": QUESTION, "persona": "cfo", **fields}
    reply = bob.post("/conversations/", sent)
    assert reply.status_code == status
    assert sent["text"].replace("\x00", "")[:50] in visible(reply).replace("\x00", "")
    with tenant_scope(cast.acme.id):
        assert not Conversation.objects.exists()


def test_asking_again_follows_what_is_on_screen(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    first = close(cast, conversation)
    assert bob.post(f"/conversations/{conversation}/ask/", {"text": "And now?", "persona": "ceo"}).status_code == 302
    assert rows(cast, conversation)[2].parent_id == first.id


def test_a_double_click_asks_once(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    close(cast, conversation)
    fields = {"text": "And now?", "persona": "ceo", "id": str(uuid.uuid4())}
    assert [bob.post(f"/conversations/{conversation}/ask/", fields).status_code for _ in range(2)] == [302, 302]
    assert len(rows(cast, conversation)) == 4


def test_the_same_id_in_two_companies_makes_two_conversations(bob: Client, cast: Any) -> None:
    Membership.objects.create(user=cast.bob, tenant=cast.rival)
    fields = {"text": "Why?", "persona": "cfo", "id": str(uuid.uuid4())}
    made_there = []
    for tenant in (cast.acme, cast.rival):
        session = bob.session
        session["acting_tenant"] = str(tenant.id)
        session.save()
        reply = bob.post("/conversations/", fields)
        assert reply.status_code == 302
        made_there.append(reply["Location"])
    assert len(set(made_there)) == 2


def test_more_questions_than_the_queue_holds_are_refused_on_the_page(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    statuses = [
        bob.post(f"/conversations/{conversation}/ask/", {"text": f"No. {n}", "persona": "cfo"}).status_code
        for n in range(3)
    ]
    assert statuses == [302, 302, 429]


def test_the_list_finds_titles_and_what_was_said(bob: Client, cast: Any) -> None:
    made(bob)
    other = made(bob, text="Which fairs paid?")
    close(cast, other, text="The one in Lyon.")
    assert "Which fairs paid?" in visible(bob.get("/conversations/?q=Lyon"))
    found = visible(bob.get("/conversations/?q=Lyon"))
    assert QUESTION not in found


def test_older_conversations_stand_under_their_day(bob: Client, cast: Any) -> None:
    for days in (0, 1, 3, 20, 400):
        conversation = made(bob, text=f"Asked {days} days ago")
        with tenant_scope(cast.acme.id):
            at = timezone.now() - timedelta(days=days)
            Conversation.objects.filter(id=conversation).update(updated_at=at)
    page = visible(bob.get("/conversations/"))
    assert page.index("Today") < page.index("Yesterday") < page.index("Asked 3 days ago") < page.index("Asked 400")


def test_a_conversation_is_renamed(bob: Client) -> None:
    conversation = made(bob)
    reply = bob.post(f"/conversations/{conversation}/rename/", {"title": "  October \n margin "})
    assert reply.status_code == 302
    assert "October margin" in visible(bob.get("/conversations/"))
    assert bob.post(f"/conversations/{conversation}/rename/", {"title": " "}).status_code == 400


def test_a_deleted_conversation_is_gone(bob: Client) -> None:
    conversation = made(bob)
    assert bob.post(f"/conversations/{conversation}/delete/").status_code == 302
    assert bob.get(f"/conversations/{conversation}/").status_code == 404
    assert QUESTION not in visible(bob.get("/conversations/"))
    assert bob.post(f"/conversations/{conversation}/ask/", {"text": "Still?", "persona": "cfo"}).status_code == 404


def test_the_chosen_version_of_an_answer_is_kept(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    old = close(cast, conversation, text="Old.", html="<p>Old.</p>")
    with tenant_scope(cast.acme.id):
        Message.objects.create(
            conversation_id=conversation, parent_id=old.parent_id, kind="answer", persona="cfo", html="<p>New.</p>"
        )
        Conversation.objects.filter(id=conversation).update(shown={})
    assert b"<p>New.</p>" in bob.get(f"/conversations/{conversation}/").content
    path = f"/conversations/{conversation}/choose/"
    assert bob.post(path, {"message": str(old.id)}).status_code == 302
    assert b"<p>Old.</p>" in bob.get(f"/conversations/{conversation}/").content
    assert bob.post(path, {"message": str(uuid.uuid4())}).status_code == 404
    assert bob.post(path, {"message": "nonsense"}).status_code == 404


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"text":7}', '{"text":"Why?","personas":"cfo"}', '{"text":"Why?","personas":[]}']
)
def test_a_bad_body_of_a_program_is_a_problem(bob: Client, body: str) -> None:
    reply = bob.post("/conversations/", body, content_type="application/json")
    if body.endswith("[]}"):  # no persona named: the CFO answers
        assert reply.status_code == 201
    else:
        assert (reply.status_code, reply["Content-Type"]) == (400, "application/problem+json")


def test_a_colleague_and_a_stranger_find_nothing(bob: Client, cast: Any) -> None:
    conversation = made(bob)
    for user in (cast.alice, cast.charlie, cast.root):
        other = cast.client(user)
        for action in ("", "ask/", "rename/", "delete/", "choose/"):
            path = f"/conversations/{conversation}/{action}"
            reply = other.post(path, {"text": "x", "title": "x"}) if action else other.get(path)
            assert reply.status_code in ((404,) if user is not cast.root else (403, 404)), (user, action)
    assert len(rows(cast, conversation)) == 2


def test_the_same_first_question_sent_twice_is_one_conversation(bob: Client, cast: Any) -> None:
    sent = {"text": QUESTION, "persona": "cfo", "id": "a-retry-after-a-lost-reply"}
    assert made(bob, **sent) == made(bob, **sent)
    with tenant_scope(cast.acme.id):
        assert Conversation.objects.count() == 1
    assert bob.post("/conversations/", {**sent, "text": "Another"}).status_code == 409


def test_signing_in_on_the_way_leads_back_to_the_conversation(bob: Client) -> None:
    conversation = made(bob)
    for action in ("ask", "rename", "delete", "choose"):
        reply = bob.get(f"/conversations/{conversation}/{action}/")
        assert reply["Location"] == f"/conversations/{conversation}/"
    assert bob.get(f"/conversations/{conversation}/").status_code == 200
