"""A reminder from the pipeline: written, with the right figures, and written down once it was sent."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from csuite.deals.models import Customer, Invoice, Note
from csuite.llm import conf, scripted
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = {"recipient": "Ingrid Solheim", "channel": "email", "length": "short", "tone": "firm", "language": "en"}


@pytest.fixture
def invoice(cast: Cast) -> Invoice:
    today = timezone.localdate()
    with tenant_scope(cast.acme.pk):
        customer = Customer.objects.create(name="Halden Process")
        made: Invoice = Invoice.objects.create(
            number="NW-20418", customer=customer, issued_on=today - timedelta(68), due_on=today - timedelta(38),
            amount=Decimal(214_300), disputed=True,
        )  # fmt: skip
        Note.objects.create(
            invoice=made, written_on=date(2026, 11, 6), text="Disputes the freight line", author="Priya"
        )
    return made


def where(invoice: Invoice, rest: str = "") -> str:
    return f"/pipeline/invoices/{invoice.pk}/reminder/{rest}"


@pytest.fixture
def bob(cast: Cast) -> Client:
    return cast.client(cast.bob)


def written(bob: Client, invoice: Invoice, answer: Any, **more: str) -> Any:
    with scripted.answers(answer) as play, conf.override(ANALYST=""):
        return bob.post(where(invoice), {**ASKED, **more}), play


def test_the_letter_is_shown_with_who_wrote_it(bob: Client, invoice: Invoice) -> None:
    letter = {"short": "Subject: NW-20418\nDear Ms Solheim, $214,300 is open.", "long": "L", "confidence": 0.86}
    response, play = written(bob, invoice, json.dumps(letter))
    html = response.content.decode()
    assert "Dear Ms Solheim, $214,300 is open." in html
    assert "confidence 0.86" in html
    assert 'href="mailto:?subject=NW-20418&amp;body=Dear%20Ms%20Solheim' in html
    prompt = play.calls[0].messages[0].text
    assert "Invoice NW-20418, $214,300" in prompt
    assert "38 days overdue, disputed by the customer" in prompt
    assert "Note of 2026-11-06 by Priya: Disputes the freight line" in prompt
    assert "reminder number 1" in prompt


def test_the_long_one_for_whatsapp_has_no_subject_and_no_mail(bob: Client, invoice: Invoice) -> None:
    letter = json.dumps({"short": "S", "long": "The long one", "confidence": 0.8})
    response, _ = written(bob, invoice, letter, channel="whatsapp", length="long")
    html = response.content.decode()
    assert "The long one" in html
    assert "mailto:" not in html
    assert 'id="subject"' not in html


def test_without_a_model_there_is_a_letter_by_rules_that_says_so(bob: Client, invoice: Invoice) -> None:
    response, _ = written(bob, invoice, scripted.Answer(error="server_error"), language="de")
    html = response.content.decode()
    assert "seit 38 Tagen überfällig" in html
    assert "Written by rules" in html
    assert "minimal version by rules" in html


def test_one_that_was_sent_is_the_last_contact_and_counts_for_the_next(
    bob: Client, cast: Cast, invoice: Invoice
) -> None:
    assert bob.post(where(invoice, "sent/"), {"channel": "email"}).headers["Location"] == "/pipeline/"
    assert "Reminder sent by e-mail" in bob.get("/pipeline/").content.decode()
    assert "reminder number 2" in bob.get(where(invoice)).content.decode()
    with tenant_scope(cast.acme.pk):
        assert Note.objects.filter(invoice=invoice, author="Bob").count() == 1


@pytest.mark.parametrize("bad", [{"recipient": ""}, {"channel": "fax"}, {"recipient": "x" * 201}, {"tone": ""}])
def test_a_bad_form_is_shown_again_and_asks_nobody(bob: Client, invoice: Invoice, bad: dict[str, str]) -> None:
    response, play = written(bob, invoice, "never", **bad)
    assert response.status_code == 400
    assert "field__error" in response.content.decode()
    assert play.calls == []


def test_markup_of_a_model_is_text(bob: Client, invoice: Invoice) -> None:
    letter = json.dumps({"short": "</textarea><script>alert(1)</script>", "long": "L", "confidence": 1})
    assert "<script>alert" not in written(bob, invoice, letter)[0].content.decode()


def test_an_invoice_of_another_company_does_not_exist(cast: Cast, invoice: Invoice) -> None:
    charlie = cast.client(cast.charlie)
    for path in (where(invoice), where(invoice, "sent/")):
        assert charlie.post(path, ASKED).status_code == 404
    assert charlie.get(f"/pipeline/invoices/{uuid4()}/reminder/").status_code == 404
