"""Long conversations open with their last turns; the others come on demand, also without a script."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from csuite.conversations.models import Conversation, Message
from csuite.conversations.paths import shown_path
from csuite.conversations.windows import TURNS, outline, window
from csuite.tenants.scope import tenant_scope
from tests.url_table import NOBODY

pytestmark = pytest.mark.django_db


def long_talk(cast: Any, turns: int) -> tuple[Conversation, list[Message]]:
    """Bob's conversation of so many answered questions, and its questions."""
    now = timezone.now()
    conversation = Conversation.objects.create(user=cast.bob, updated_at=now, title="A long one")
    rows: list[Message] = []
    parent = None
    for n in range(turns):
        asked = Message(
            tenant=cast.acme, conversation=conversation, parent=parent, kind="question", text=f"Question {n}"
        )
        parent = Message(
            tenant=cast.acme,
            conversation=conversation,
            parent=asked,
            kind="answer",
            persona="cfo",
            text=f"Said {n}",
            html=f"<p>Said {n}</p>",
        )
        rows += [asked, parent]
    Message.objects.bulk_create(rows)
    for n, row in enumerate(rows):
        row.created_at = now + timedelta(seconds=n)
    Message.objects.bulk_update(rows, ["created_at"])
    return conversation, rows[::2]


def shown(reply: Any) -> list[str]:
    return [str(turn["question"].text) for turn in reply.context["turns"]]


def test_the_page_opens_with_the_last_turns_and_leads_back_to_the_first(cast: Any) -> None:
    with tenant_scope(cast.acme.id):
        conversation, questions = long_talk(cast, 2 * TURNS + 5)
    bob: Client = cast.client(cast.bob)
    address = f"/conversations/{conversation.id}/"
    found: list[str] = []
    reply = bob.get(address)
    assert "data-composer" in reply.text
    while True:
        found = shown(reply) + found
        earlier = reply.context["earlier"]
        if earlier is None:
            break
        assert f"?before={earlier}" in reply.text
        reply = bob.get(f"{address}?before={earlier}")
        assert "data-composer" not in reply.text, "what follows a question in the past is not known there"
    assert found == [question.text for question in questions]


def test_a_link_to_a_message_shows_it_and_everything_since(cast: Any) -> None:
    with tenant_scope(cast.acme.id):
        conversation, questions = long_talk(cast, TURNS + 10)
    reply = cast.client(cast.bob).get(f"/conversations/{conversation.id}/?at={questions[3].id}")
    assert shown(reply) == [question.text for question in questions[3:]]
    assert f'id="m-{questions[3].id}"' in reply.text


def test_a_link_to_a_message_of_another_branch_puts_that_branch_on_screen(cast: Any) -> None:
    with tenant_scope(cast.acme.id):
        conversation, questions = long_talk(cast, 3)
        first = Message.objects.get(parent=questions[0])
        branch = Message.objects.create(conversation=conversation, parent=first, kind="question", text="Otherwise?")
        Message.objects.filter(id=branch.id).update(created_at=timezone.now() + timedelta(hours=1))
    bob: Client = cast.client(cast.bob)
    address = f"/conversations/{conversation.id}/"
    assert shown(bob.get(address)) == ["Question 0", "Otherwise?"]
    assert shown(bob.get(f"{address}?at={questions[2].id}")) == ["Question 0", "Question 1", "Question 2"]
    assert shown(bob.get(address)) == ["Question 0", "Question 1", "Question 2"], "the choice is kept"
    assert shown(bob.get(f"{address}?at={branch.id}")) == ["Question 0", "Otherwise?"]


@pytest.mark.parametrize("wrong", ["at=x", "before=x", f"at={NOBODY}", f"before={NOBODY}"])
def test_a_link_to_nothing_shows_the_end(cast: Any, wrong: str) -> None:
    with tenant_scope(cast.acme.id):
        conversation, _ = long_talk(cast, 2)
    assert shown(cast.client(cast.bob).get(f"/conversations/{conversation.id}/?{wrong}")) == [
        "Question 0",
        "Question 1",
    ]


def test_a_long_conversation_costs_no_more_statements_than_a_short_one(cast: Any) -> None:
    counts = []
    for turns in (2, 500):
        with tenant_scope(cast.acme.id):
            conversation, _ = long_talk(cast, turns)
        bob = cast.client(cast.bob)
        bob.get("/conversations/")
        with CaptureQueriesContext(connection) as seen:
            bob.get(f"/conversations/{conversation.id}/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_window_of_the_whole_is_the_whole(cast: Any) -> None:
    with tenant_scope(cast.acme.id):
        conversation, _ = long_talk(cast, TURNS)
        part = window(shown_path(outline(conversation), conversation.shown))
    assert (len(part.exchanges), part.earlier, part.ended) == (TURNS, None, True)
