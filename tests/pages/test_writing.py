"""The writer's pages: what `/` offers, drafts from deals and answers, and that figures stay what they were."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from csuite.conversations.models import Conversation, Message
from csuite.deals.models import Customer, Deal, Invoice, Pipeline, Stage
from csuite.llm import conf, scripted
from csuite.pages.commands import COMMANDS
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deal(cast: Cast) -> Deal:
    today = timezone.localdate()
    with tenant_scope(cast.acme.pk):
        stage = Stage.objects.create(pipeline=Pipeline.objects.create(name="Sales"), name="Quoted")
        customer = Customer.objects.create(name="Halden Process")
        made: Deal = Deal.objects.create(
            reference="D-1", title="Forty flow meters", stage=stage, customer=customer, value=Decimal(214_300)
        )
        Invoice.objects.create(
            number="NW-20418", customer=customer, deal=made, issued_on=today - timedelta(68),
            due_on=today - timedelta(38), amount=Decimal(214_300),
        )  # fmt: skip
    return made


@pytest.fixture
def bob(cast: Cast) -> Client:
    return cast.client(cast.bob)


def answer_of(cast: Cast, text: str) -> UUID:
    with tenant_scope(cast.acme.pk):
        talk = Conversation.objects.create(user=cast.bob, title="Margin", updated_at=timezone.now())
        made = Message.objects.create(conversation=talk, kind="answer", persona="cfo", text=text, html=f"<p>{text}</p>")
    return UUID(str(made.pk))


def asked(bob: Client, task: str, written: Any, **said: str) -> tuple[str, Any]:
    with scripted.answers(written) as play, conf.override(ANALYST=""):
        response = bob.post(f"/write/{task}/", said)
    return response.content.decode(), play


def test_a_summary_knows_the_deal_and_can_be_copied(bob: Client, deal: Deal) -> None:
    form = {"summary": "Worth $214,300.", "next_action": "Call them", "blockers": ["Freight"], "confidence": 0.8}
    text, play = asked(bob, "summary", json.dumps(form), deal=str(deal.pk))
    assert "Worth $214,300.\n\nNext: Call them\n\nIn the way:\n- Freight" in text
    assert 'data-copy-field="message"' in text
    prompt = play.calls[0].messages[0].text
    assert "Invoice NW-20418, $214,300" in prompt
    assert "38 days overdue" in prompt


def test_a_check_of_papers_names_what_is_missing(bob: Client, deal: Deal) -> None:
    form = {"status": "incomplete", "missing_items": ["Export licence"], "confidence": 0.7}
    text, play = asked(bob, "papers", json.dumps(form), deal=str(deal.pk), requirements="- Export licence\n\nEUS")
    assert "Missing:\n- Export licence" in text
    assert "- Export licence - EUS" in play.calls[0].messages[0].text


def test_pasted_notes_become_tasks_with_owners(bob: Client) -> None:
    form = {"summary": "Agreed.", "action_items": [{"task": "Send it", "owner": "Priya", "due": "Friday"}],
            "confidence": 0.9}  # fmt: skip
    text, _ = asked(bob, "notes", json.dumps(form), text="Priya sends it on Friday.", deal="")
    assert "To do:\n- Send it (Priya, Friday)" in text


def test_an_answer_becomes_an_email_and_a_strange_figure_is_named(bob: Client, cast: Cast) -> None:
    answer = answer_of(cast, "Gross margin closed at 38.4%, 2.8 points below September.")
    assert "Gross margin closed at 38.4%" in bob.get(f"/write/email/?answer={answer}").content.decode()
    form = {"subject": "Margin", "body": "Dear Jan, margin is 38.4%, and 41.9% is the aim.", "confidence": 0.9}
    said = {"recipients": "Jan Berg", "intent": "Tell him", "tone": "formal", "language": "en", "answer": str(answer)}
    text, play = asked(bob, "email", json.dumps(form), **said)
    assert "Not in the data: 41.9%." in text
    assert "2.8 points below September" in play.calls[0].messages[0].text
    assert "mailto:?subject=Margin" in text


def test_without_a_model_the_answer_is_passed_on_word_for_word(bob: Client, cast: Cast) -> None:
    answer = answer_of(cast, "Gross margin closed at 38.4%.")
    said = {"recipients": "Jan", "intent": "See below.", "tone": "formal", "language": "en", "answer": str(answer)}
    with conf.override(PRIMARY="", FALLBACK=""):
        text = bob.post("/write/email/", said).content.decode()
    assert "See below.\n\nGross margin closed at 38.4%.\n\nKind regards" in text
    assert "Written by rules, without a language model." in text


def test_an_answer_of_somebody_else_cannot_be_sent_on(cast: Cast) -> None:
    answer = answer_of(cast, "Secret")
    for person in (cast.alice, cast.charlie):
        assert cast.client(person).get(f"/write/email/?answer={answer}").status_code == 404


def test_a_wrong_form_keeps_what_was_written(bob: Client) -> None:
    response = bob.post("/write/email/", {"recipients": " , ", "intent": "Ask for it", "tone": "formal"})
    text = response.content.decode()
    assert response.status_code == 400
    assert "Give 1 to 20 names." in text
    assert "Ask for it" in text


def test_completion_finds_deals_and_late_invoices(bob: Client, deal: Deal, cast: Cast) -> None:
    found = bob.get("/write/complete/deal/?q=FLOW").json()["found"]
    assert found == [{"id": str(deal.pk), "name": "Forty flow meters, Halden Process", "about": "Quoted"}]
    (late,) = bob.get("/write/complete/invoice/?q=nw-2").json()["found"]
    assert (late["name"], late["about"]) == ("NW-20418, Halden Process", "38 days late")
    assert cast.client(cast.charlie).get("/write/complete/deal/").json() == {"found": []}


def test_every_command_has_a_page_or_stays_in_the_question(bob: Client, deal: Deal) -> None:
    for command in COMMANDS:
        assert command.link or command.text or command.all
        if command.link:
            assert bob.get(command.link).status_code == 200
    assert "NW-20418" in bob.get("/write/reminder/").content.decode()
