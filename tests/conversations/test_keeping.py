"""Pinned, archived, deleted, brought back: with plain forms, and for the owner alone."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from csuite.conversations import keeping
from csuite.conversations.models import Conversation, Message
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.conftest import Cast, visible

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def talk(cast: Cast) -> Conversation:
    with tenant_scope(cast.acme.id):
        row: Conversation = Conversation.objects.create(user=cast.bob, title="Fairs", updated_at=timezone.now())
        Message.objects.create(conversation=row, kind="question", text="Which paid?")
    return row


def test_a_conversation_is_pinned_and_unpinned(cast: Cast, talk: Conversation) -> None:
    bob, url = cast.client(cast.bob), f"/conversations/{talk.id}/pin/"
    assert bob.post(url)["Location"] == f"/conversations/{talk.id}/"
    assert "Pinned" in visible(bob.get("/conversations/"))
    assert bob.post(url, {"on": "0"}, headers=JSON).status_code == 204
    assert "Pinned" not in visible(bob.get("/conversations/"))


def test_an_archived_conversation_leaves_the_list_and_comes_back(cast: Cast, talk: Conversation) -> None:
    bob, url = cast.client(cast.bob), f"/conversations/{talk.id}/archive/"
    assert bob.post(url)["Location"] == "/conversations/"
    assert "Fairs" not in visible(bob.get("/conversations/"))
    assert "Fairs" in visible(bob.get("/conversations/archive/"))
    assert bob.get(f"/conversations/{talk.id}/").status_code == 200
    assert bob.post(url, {"on": "0"})["Location"] == f"/conversations/{talk.id}/"
    assert "Fairs" in visible(bob.get("/conversations/"))


def test_a_deletion_can_be_undone_for_a_week(cast: Cast, talk: Conversation) -> None:
    bob = cast.client(cast.bob)
    page = bob.post(f"/conversations/{talk.id}/delete/", follow=True)
    assert "The conversation is deleted." in visible(page)
    assert bob.get(f"/conversations/{talk.id}/").status_code == 404
    assert "Bring back" in visible(bob.get("/conversations/archive/"))
    undo = {"conversation": str(talk.id)}
    assert cast.client(cast.alice).post("/conversations/restore/", undo).status_code == 404
    assert bob.post("/conversations/restore/", undo)["Location"] == f"/conversations/{talk.id}/"
    assert bob.post("/conversations/restore/", undo, headers=JSON).status_code == 204  # twice is once
    with tenant_scope(cast.acme.id):
        Conversation.objects.update(deleted_at=timezone.now() - timedelta(days=8))
    assert bob.post("/conversations/restore/", undo, headers=JSON).status_code == 404
    assert bob.post("/conversations/restore/", {"conversation": "x"}).status_code == 404


def test_what_nobody_can_bring_back_is_removed_with_all_that_was_said(cast: Cast, talk: Conversation) -> None:
    with tenant_scope(cast.acme.id):
        kept = Conversation.objects.create(user=cast.bob, title="Kept", updated_at=timezone.now())
        Conversation.objects.filter(id=talk.id).update(deleted_at=timezone.now() - timedelta(days=8))
        Conversation.objects.filter(id=kept.id).update(deleted_at=timezone.now() - timedelta(days=6))
    with platform_scope("test"):
        assert keeping.remove_deleted() == 1
        assert keeping.remove_deleted() == 0
    with tenant_scope(cast.acme.id):
        assert [row.title for row in Conversation.objects.all()] == ["Kept"]
        assert Message.objects.count() == 0


@pytest.mark.parametrize("deed", ["pin", "archive"])
def test_others_conversations_are_not_there(cast: Cast, talk: Conversation, deed: str) -> None:
    for person in (cast.alice, cast.charlie):
        assert cast.client(person).post(f"/conversations/{talk.id}/{deed}/").status_code == 404
        assert cast.client(person).post(f"/conversations/{talk.id}/{deed}/", headers=JSON).status_code == 404
    assert cast.client(cast.bob).post(f"/conversations/{uuid.uuid4()}/{deed}/").status_code == 404
