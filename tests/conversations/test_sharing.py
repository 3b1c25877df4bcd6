"""Shares are snapshots for the company's members, until they end or are revoked."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from csuite.conversations.models import Conversation, Message, Share
from csuite.tenants.models import AuditEntry
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast, visible

pytestmark = pytest.mark.django_db
EVIDENCE = [
    {"class": "found", "text": "$4.2m", "start": 8, "end": 13, "metric": "net_revenue", "period": "2026-09-01"},
    {"class": "not_found", "text": "12%", "start": 18, "end": 21},
]


@pytest.fixture
def talk(cast: Cast) -> Conversation:
    with tenant_scope(cast.acme.id):
        row: Conversation = Conversation.objects.create(user=cast.bob, title="Margin <b>", updated_at=timezone.now())
        asked = Message.objects.create(conversation=row, kind="question", text="Why <i>so</i>?")
        Message.objects.create(
            conversation=row, parent=asked, kind="answer", persona="cfo", text="It was $4.2m or 12% <script>x</script>",
            evidence=EVIDENCE, status="stopped",
        )  # fmt: skip
    return row


def share(cast: Cast, talk: Conversation, days: str = "7") -> str:
    reply = cast.client(cast.bob).post(
        f"/conversations/{talk.id}/share/", {"days": days}, headers={"Accept": "application/json"}
    )
    assert reply.status_code == 201
    return str(reply.json()["url"])


def test_a_colleague_reads_what_was_shown_and_nothing_that_was_said_later(cast: Cast, talk: Conversation) -> None:
    url = share(cast, talk)
    with tenant_scope(cast.acme.id):
        answer = Message.objects.get(conversation=talk, kind="answer")
        Message.objects.create(conversation=talk, parent=answer, kind="question", text="A later question")
        Conversation.objects.filter(id=talk.id).update(title="Renamed")
    page = visible(cast.client(cast.fiona).get(url))
    assert "Margin &lt;b&gt;" in page
    assert "Why &lt;i&gt;so&lt;/i&gt;?" in page
    assert "&lt;script&gt;" in page
    assert "Net revenue, 2026-09" in page
    assert "not found in the company" in page
    assert "Stopped by the reader." in page
    assert "later question" not in page
    assert cast.client(cast.fiona).get(f"/conversations/{talk.id}/").status_code == 404


def test_strangers_get_what_they_get_for_no_share_at_all(cast: Cast, talk: Conversation) -> None:
    url = share(cast, talk)
    charlie = cast.client(cast.charlie)
    missing = charlie.get(f"/shared/{uuid.uuid4()}/")
    found = charlie.get(url)
    assert found.status_code == missing.status_code == 404
    assert visible(found) == visible(missing)
    assert charlie.post(f"{url}revoke/").status_code == 404
    assert cast.client().get(url).status_code == 302


def test_revoking_ends_a_share_at_once_and_is_written_down(cast: Cast, talk: Conversation) -> None:
    url = share(cast, talk)
    fiona, bob = cast.client(cast.fiona), cast.client(cast.bob)
    assert fiona.post(f"{url}revoke/").status_code == 404
    assert fiona.post(f"{url}revoke/", headers={"Accept": "application/json"}).status_code == 404
    assert bob.post(f"{url}revoke/").status_code == 302
    assert bob.post(f"{url}revoke/", headers={"Accept": "application/json"}).status_code == 204
    assert fiona.get(url).status_code == bob.get(url).status_code == 404
    with tenant_scope(cast.acme.id):
        acts = list(AuditEntry.objects.filter(action__startswith="share.").values_list("action", flat=True))
    assert sorted(acts) == ["share.created", "share.revoked"]
    assert "Revoked" in visible(bob.get("/shared/"))


def test_admins_list_and_revoke_the_companys_shares_and_others_their_own(cast: Cast, talk: Conversation) -> None:
    url = share(cast, talk)
    alice = cast.client(cast.alice)
    assert url in visible(alice.get("/shared/"))
    assert url not in visible(cast.client(cast.fiona).get("/shared/"))
    assert url in visible(cast.client(cast.bob).get("/shared/"))
    assert alice.post(f"{url}revoke/").status_code == 302
    assert cast.client(cast.bob).get(url).status_code == 404


def test_a_share_ends_with_its_time_and_with_its_conversation(cast: Cast, talk: Conversation) -> None:
    bob = cast.client(cast.bob)
    first, second = share(cast, talk, "1"), share(cast, talk, "90")
    with tenant_scope(cast.acme.id):
        Share.objects.filter(id=first.split("/")[2]).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert bob.get(first).status_code == 404
    assert "Expired" in visible(bob.get("/shared/"))
    assert bob.get(second).status_code == 200
    with tenant_scope(cast.acme.id):
        Conversation.objects.filter(id=talk.id).update(deleted_at=timezone.now())
    assert bob.get(second).status_code == 404


@pytest.mark.parametrize("days", ["0", "8", "", "x", "²", "99999"])
def test_an_odd_time_is_refused(cast: Cast, talk: Conversation, days: str) -> None:
    assert cast.client(cast.bob).post(f"/conversations/{talk.id}/share/", {"days": days}).status_code == 400


def test_what_has_no_answer_or_is_not_ones_own_is_not_shared(cast: Cast, talk: Conversation, settings: Any) -> None:
    with tenant_scope(cast.acme.id):
        Message.objects.filter(conversation=talk, kind="answer").update(status="streaming")
    assert cast.client(cast.bob).post(f"/conversations/{talk.id}/share/").status_code == 400
    for json in ({}, {"Accept": "application/json"}):
        assert cast.client(cast.alice).post(f"/conversations/{talk.id}/share/", headers=json).status_code == 404


def test_a_form_is_led_to_the_list_of_links(cast: Cast, talk: Conversation) -> None:
    reply = cast.client(cast.bob).post(f"/conversations/{talk.id}/share/", {"days": "30"})
    assert reply["Location"] == "/shared/"


def test_nobody_shares_without_end(cast: Cast, talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csuite.conversations.sharing.keeping.MOST_OPEN", 1)
    share(cast, talk)
    assert cast.client(cast.bob).post(f"/conversations/{talk.id}/share/").status_code == 429
