"""A temporary conversation is in no list, has no title, and is deleted some hours after its last word."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from csuite.conversations.models import Conversation, Message, Turn
from csuite.conversations.tasks import forget
from csuite.tenants.scope import tenant_scope
from tests.conversations.test_views import QUESTION, close, made

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(cast: Any) -> Client:
    client: Client = cast.client(cast.bob)
    return client


def test_it_says_how_long_it_is_kept_and_stands_in_no_list_or_search(bob: Client) -> None:
    assert "deleted 24 hours after" in bob.get("/conversations/?temporary=1").text
    conversation = made(bob, temporary="1")
    reply = bob.get(f"/conversations/{conversation}/")
    assert "deleted 24 hours after" in reply.text
    assert reply.context["conversation"].title == ""
    assert "Temporary conversation" in reply.text
    for address in ("/conversations/", "/conversations/?q=margin", f"/conversations/{conversation}/"):
        assert not bob.get(address).context["rail"]


def test_a_program_asks_for_one(bob: Client, cast: Any) -> None:
    body = {"text": QUESTION, "temporary": True}
    reply = bob.post("/conversations/", body, content_type="application/json")
    with tenant_scope(cast.acme.id):
        assert Conversation.objects.get(id=reply.json()["id"]).temporary


def test_it_is_deleted_with_its_words_when_its_time_is_over(bob: Client, cast: Any) -> None:
    over, young, kept, running = (
        made(bob, temporary="1"),
        made(bob, temporary="1"),
        made(bob),
        made(bob, temporary="1"),
    )
    for ended in (over, young, kept):
        close(cast, ended)
    with tenant_scope(cast.acme.id):
        old = timezone.now() - timedelta(hours=25)
        Conversation.objects.filter(id__in=[over, kept, running]).update(updated_at=old)
    forget()
    with tenant_scope(cast.acme.id):
        assert set(Conversation.objects.values_list("id", flat=True)) == {young, kept, running}
        assert not Message.objects.filter(conversation_id=over).exists()
        assert not Turn.objects.filter(conversation_id=over).exists()
    assert bob.get(f"/conversations/{over}/").status_code == 404
