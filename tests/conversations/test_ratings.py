"""Thumbs: one per reader and answer, changed and taken back, counted by persona, prompt version and model."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from csuite.analytics.ratings import Part, Ratings, ratings, ratings_by
from csuite.conversations.models import Conversation, Message, Rating
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast, visible

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(cast: Cast) -> Message:
    with tenant_scope(cast.acme.id):
        talk = Conversation.objects.create(user=cast.bob, title="Margin", updated_at=timezone.now())
        asked = Message.objects.create(conversation=talk, kind="question", text="Why?")
        made: Message = Message.objects.create(
            conversation=talk,
            parent=asked,
            kind="answer",
            persona="cfo",
            model="m-1",
            prompt_version="p.v1",
            text="So.",
        )
    return made


def send(client: Client, message: Any, good: str, json: bool = True, **fields: str) -> Any:
    headers = {"Accept": "application/json"} if json else {}
    return client.post("/ratings/", {"message": str(message), "good": good, **fields}, headers=headers)


def kept(cast: Cast) -> list[tuple[bool, str, str]]:
    with tenant_scope(cast.acme.id):
        return list(Rating.objects.values_list("good", "reason", "comment"))


def test_a_thumb_is_given_explained_changed_and_taken_back(cast: Cast, answer: Message) -> None:
    bob = cast.client(cast.bob)
    assert send(bob, answer.id, "1").status_code == 204
    send(bob, answer.id, "1", reason="clear", comment="  Short.  ")
    assert kept(cast) == [(True, "clear", "Short.")]
    send(bob, answer.id, "0", reason="wrong")
    assert kept(cast) == [(False, "wrong", "")]
    send(bob, answer.id, "")
    assert kept(cast) == []


def test_a_form_goes_back_to_the_answer_and_the_page_shows_the_thumb(cast: Cast, answer: Message) -> None:
    bob = cast.client(cast.bob)
    reply = send(bob, answer.id, "0", json=False, reason="vague", comment="<b>too long</b>")
    assert reply["Location"].endswith(f"#m-{answer.id}")
    page = visible(bob.get(f"/conversations/{answer.conversation_id}/"))
    assert 'aria-label="Bad answer" aria-pressed="true"' in page
    assert 'value="vague" checked' in page
    assert "&lt;b&gt;too long&lt;/b&gt;" in page


@pytest.mark.parametrize(("good", "reason"), [("1", "wrong"), ("0", "clear"), ("2", ""), ("1", "nonsense")])
def test_what_makes_no_sense_is_refused(cast: Cast, answer: Message, good: str, reason: str) -> None:
    assert send(cast.client(cast.bob), answer.id, good, reason=reason).status_code == 400
    assert kept(cast) == []


def test_only_ones_own_answers_can_be_rated(cast: Cast, answer: Message) -> None:
    for person in (cast.charlie, cast.alice):
        assert send(cast.client(person), answer.id, "1").status_code == 404
        assert send(cast.client(person), answer.id, "1", json=False).status_code == 404
    bob = cast.client(cast.bob)
    assert send(bob, answer.parent_id, "1").status_code == 404  # a question
    assert send(bob, uuid.uuid4(), "1").status_code == 404
    assert send(bob, "nonsense", "1").status_code == 404
    assert kept(cast) == []


def test_ratings_are_counted_for_the_usage_page_by_what_answered(cast: Cast, answer: Message) -> None:
    send(cast.client(cast.bob), answer.id, "1")
    since, until = timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1)
    with tenant_scope(cast.acme.id):
        assert ratings(cast.acme.id, since, until) == Ratings(1, 1)
        assert ratings(cast.acme.id, since, since).csat is None
        for by, name in (("persona", "cfo"), ("prompt_version", "p.v1"), ("model", "m-1")):
            found = ratings_by(cast.acme.id, since, until, by)
            assert found == [Part(name, Ratings(1, 1))]
    with tenant_scope(cast.rival.id):
        assert ratings(cast.acme.id, since, until) == Ratings(0, 0)
    page = render_to_string("analytics/_quality.html", {"liked": [("Model", found)]})
    assert "m-1" in page
    assert "100%" in page
