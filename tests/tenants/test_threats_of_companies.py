"""Holes that systems like this one had, tried between two companies (THREATS T3, T4, T10, T12)."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.urls import reverse

from csuite.analytics.models import AlertChannel, Budget
from csuite.conversations.models import Conversation, Message
from csuite.tenants import invitations
from csuite.tenants.models import Invitation, Membership, Role, User
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.conftest import Cast
from tests.url_objects import OBJECTS

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[Any]]:
    """What these requests could touch, of every company."""
    with platform_scope("test"):
        models = (Conversation, Message, Budget, AlertChannel, Invitation, Membership, User)
        return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def acmes(rows: dict[str, list[Any]], cast: Cast) -> dict[str, list[Any]]:
    return {name: [row for row in found if row.get("tenant_id") == cast.acme.pk] for name, found in rows.items()}


def bobs_answer(cast: Cast) -> tuple[UUID, UUID]:
    conversation = OBJECTS["conversation"][0](cast)
    with tenant_scope(cast.acme.pk):
        question = Message.objects.create(conversation_id=conversation, kind="question", text="Why?", position=0)
        answer = Message.objects.create(
            conversation_id=conversation, kind="answer", persona="cfo", text="Because.", parent=question, position=1
        )
    return conversation, answer.pk


@pytest.mark.parametrize("who", ["charlie", "alice"])
def test_the_address_is_ones_own_and_the_id_in_the_body_anothers(cast: Cast, who: str) -> None:
    """T3: the same 404 as for an id that is not there; a page's question follows what is on its own screen."""
    theirs, answer = bobs_answer(cast)
    person = cast.client(getattr(cast, who))
    own = person.post("/conversations/", {"title": "Mine"}, content_type="application/json").json()["id"]
    before = everything()["Message"]
    for message in (answer, uuid4()):
        assert person.post(f"/conversations/{own}/choose/", {"message": str(message)}).status_code == 404
    asked = {"text": "And?", "persona": "cfo", "parent": str(answer), "conversation": str(theirs)}
    assert person.post(f"/conversations/{own}/ask/", asked).status_code == 302
    after = everything()["Message"]
    assert [row for row in after if str(row["conversation_id"]) != own] == before
    assert answer not in {row["parent_id"] for row in after if str(row["conversation_id"]) == own}


def test_a_chat_of_a_program_continues_no_conversation_of_another(cast: Cast) -> None:
    theirs, _ = bobs_answer(cast)
    before = acmes(everything(), cast)
    for conversation in (theirs, uuid4()):
        answer = cast.client(cast.charlie).post(
            "/c-suite/cfo/chat",
            {"message": "And?", "conversationId": str(conversation)},
            content_type="application/json",
        )
        assert answer.status_code == 404
    assert acmes(everything(), cast) == before


def test_an_invitation_of_one_company_is_not_changed_by_the_admin_of_another(cast: Cast) -> None:
    cast.charlie.memberships.update(role=Role.ADMIN)
    with tenant_scope(cast.acme.pk):
        row = invitations.invite(cast.member(cast.alice), "nora@acme.example", "executive", "")
    before = acmes(everything(), cast)
    for deed in ("again", "revoke"):
        answer = cast.client(cast.charlie).post(f"/people/invitations/{row.pk}/{deed}/", {"tenant": str(cast.acme.pk)})
        assert answer.status_code == 404
    assert acmes(everything(), cast) == before


def test_an_id_that_a_body_brings_overwrites_nothing(cast: Cast) -> None:
    """T4: whatever makes a row takes its id and its company from nobody."""
    cast.charlie.memberships.update(role=Role.ADMIN)
    conversation, _ = bobs_answer(cast)
    budget, channel = OBJECTS["budget"][0](cast), OBJECTS["channel"][0](cast)
    before = acmes(everything(), cast)
    charlie = cast.client(cast.charlie)
    strange = {"tenant": str(cast.acme.pk), "tenant_id": str(cast.acme.pk), "user": str(cast.bob.pk), "user_id": "1"}

    def ids(row: Any) -> dict[str, str]:
        return {"id": str(row), "pk": str(row), **strange}

    made = charlie.post("/conversations/", {"title": "x", **ids(conversation)}, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["id"] != str(conversation)
    form = {"whom": "tenant", "period": "month", "amount": "5", "at_limit": "hard", "warn": "80", **ids(budget)}
    assert charlie.post("/usage/budgets/", form).status_code in (302, 400)
    assert charlie.post(
        "/usage/alerts/", {"kind": "email", "target": "c@rival.example", **ids(channel)}
    ).status_code in (
        302,
        400,
    )
    invited = {"email": "new@rival.example", "role": "executive", "title": "", **strange}
    assert charlie.post("/people/", invited).status_code == 302
    assert acmes(everything(), cast) == before
    with tenant_scope(cast.rival.pk):
        assert Invitation.objects.filter(email="new@rival.example").exists()
        assert Conversation.objects.get(pk=made.json()["id"]).user == cast.charlie


def test_there_is_no_row_without_a_company_that_a_list_could_take_for_everybodys(cast: Cast) -> None:
    """T10: the database refuses it, also where the platform looks across companies."""
    conversation = OBJECTS["conversation"][0](cast)
    with platform_scope("test"), pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.filter(pk=conversation).update(tenant=None)
    assert "Margin in Q3" not in cast.client(cast.charlie).get("/conversations/").content.decode()


LOOKUPS = (
    "?tenant__id__exact={acme}", "?user__email__contains=bob", "?q=bob", "?o=1",
    "?membership__user__email__startswith=b", "?conversation__messages__text__contains=a", "?e=1", "?_popup=1",
)  # fmt: skip


@pytest.mark.parametrize("who", ["alice", "charlie", "fiona", "desk"])
def test_no_page_of_the_admin_answers_whom_it_is_not_for(cast: Cast, who: str) -> None:
    """T12: lists, lookups, popups, autocomplete, history: nothing for admins of companies, nor staff without rights."""
    desk = User.objects.create(email="desk@csuite.example", is_staff=True)
    browser = cast.client(desk if who == "desk" else getattr(cast, who))
    refused = 403 if who == "desk" else 302
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for lookup in LOOKUPS:
            answer = browser.get(reverse(f"{base}_changelist") + lookup.format(acme=cast.acme.pk))
            assert answer.status_code == refused, (model, lookup)
        assert browser.get(reverse(f"{base}_history", args=[cast.acme.pk])).status_code in (refused, 302)
    query = "?app_label=tenants&model_name=membership&field_name=user&term=b"
    assert browser.get(f"/admin/autocomplete/{query}").status_code == refused
    assert "bob@" not in browser.get("/admin/", follow=True).content.decode()


@pytest.mark.parametrize("lookup", ["?user__password__startswith=a", "?tenant__sso__client_id__contains=a"])
def test_staff_probe_no_field_that_the_list_does_not_offer(cast: Cast, lookup: str) -> None:
    """A lookup that answers yes or no would spell a secret out, letter by letter."""
    answer = cast.client(cast.root, raise_request_exception=False).get(f"/admin/tenants/membership/{lookup}")
    assert answer.status_code == 400
