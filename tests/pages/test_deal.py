"""A deal by hand: its page, its way through the stages, notes, invoices, and two people who change it at once."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from csuite.deals.models import Change, Customer, Deal, Invoice, Pipeline, Stage, StageEntry
from csuite.deals.signals import changed
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csuite.tenants.models.Tenant.today", lambda tenant: TODAY)


@pytest.fixture
def deal(cast: Cast) -> Deal:
    with tenant_scope(cast.acme.pk):
        home = Pipeline.objects.create(name="Sales")
        quoted = Stage.objects.create(pipeline=home, name="Quoted", position=1)
        Stage.objects.create(pipeline=home, name="Order received", position=2, days=10)
        customer = Customer.objects.create(name="Halden Process")
        since = TODAY - timedelta(15)
        made: Deal = Deal.objects.create(
            reference="D-1", title="Forty flow meters", stage=quoted, customer=customer, value=Decimal(214_300),
            entered_on=since, opened_on=since,
        )  # fmt: skip
        StageEntry.objects.create(deal=made, stage=quoted, entered_on=since)
    return made


@pytest.fixture
def bob(cast: Cast) -> Client:
    return cast.client(cast.bob)


def terms(deal: Deal, **more: str) -> dict[str, str]:
    said = {"title": "Forty flow meters", "customer": "Halden Process", "seller": "", "value": "214,300"}
    return {**said, "opened_on": "2026-11-05", "expected_on": "", "version": str(deal.version), **more}


def stored(deal: Deal) -> Deal:
    with tenant_scope(deal.tenant_id):
        found: Deal = Deal.objects.select_related("stage", "customer", "seller").get(pk=deal.pk)
    return found


def page(deal: Deal, rest: str = "") -> str:
    return f"/pipeline/deals/{deal.pk}/{rest}"


def test_a_page_shows_the_way_with_its_days(bob: Client, deal: Deal) -> None:
    text = bob.get(page(deal)).content.decode()
    assert "Forty flow meters" in text
    assert "worth $214,300" in text
    assert "15</td>" in text
    assert f'href="{page(deal)}"' in bob.get("/pipeline/").content.decode()


def test_a_change_is_kept_with_who_and_what_was_there(bob: Client, deal: Deal, cast: Cast) -> None:
    bob.post(page(deal), terms(deal, value="$220,000.50", seller="P. Nair", expected_on="2026-12-15"))
    now = stored(deal)
    assert (now.value, str(now.seller), now.expected_on) == (Decimal("220000.50"), "P. Nair", date(2026, 12, 15))
    assert now.version == deal.version + 1
    with tenant_scope(cast.acme.pk):
        change = Change.objects.get()
    assert change.user == cast.bob
    assert change.before == {"Value": "214,300"}
    assert change.after == {"Value": "220,000.50", "Owner": "P. Nair", "Expected to be won on": "2026-12-15"}
    assert "Value: 214,300 → 220,000.50" in bob.get(page(deal)).content.decode()


def test_saving_what_is_there_changes_nothing(bob: Client, deal: Deal) -> None:
    bob.post(page(deal), terms(deal))
    assert stored(deal).version == deal.version
    with tenant_scope(deal.tenant_id):
        assert not Change.objects.exists()


def test_who_comes_second_is_told_and_loses_nothing(bob: Client, deal: Deal, cast: Cast) -> None:
    seen = terms(deal, title="Bob's title")
    cast.client(cast.alice).post(page(deal), terms(deal, value="1,000"))
    response = bob.post(page(deal), seen)
    text = response.content.decode()
    assert response.status_code == 409
    assert "changed while you were writing" in text
    assert "Alice" in text
    assert "Value: 214,300 → 1,000" in text
    assert "Bob&#x27;s title" in text
    assert (stored(deal).title, stored(deal).value) == ("Forty flow meters", Decimal(1000))
    again = bob.post(page(deal), {**seen, "version": str(stored(deal).version)})
    assert again.status_code == 302
    assert stored(deal).title == "Bob's title"


def test_an_import_or_plain_sql_counts_as_a_change(deal: Deal) -> None:
    with tenant_scope(deal.tenant_id):
        Deal.objects.filter(pk=deal.pk).update(title="From a file", version=1)
    assert stored(deal).version == deal.version + 1


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("value", "12.500", "two ways"),
        ("value", "many", "Write an amount"),
        ("value", "-5", "less than nothing"),
        ("value", "€ 12", "Amounts here are in USD"),
        ("value", "1.005,123", "At most two decimals"),
        ("opened_on", "03/04/2026", "Write the day as"),
        ("opened_on", "Oct 2026", "Write the day as"),
        ("expected_on", "1985-01-01", "This year cannot be right"),
        ("title", "x" * 201, "at most 200"),
    ],
)
def test_a_wrong_entry_is_named_and_everything_stays_in_the_form(
    bob: Client, deal: Deal, field: str, text: str, why: str
) -> None:
    response = bob.post(page(deal), terms(deal, seller="New Owner", **{field: text}))
    assert response.status_code == 400
    html = response.content.decode()
    assert why in html
    assert "New Owner" in html
    assert f'value="{text}"' in html
    assert stored(deal).version == deal.version


def test_a_move_begins_a_stay_and_winning_closes(bob: Client, deal: Deal) -> None:
    with tenant_scope(deal.tenant_id):
        order = Stage.objects.get(name="Order received")
    bob.post(page(deal, "stage/"), {"stage": str(order.pk), "since": "2026-11-10", "version": "1"})
    now = stored(deal)
    assert (now.stage, now.entered_on, now.closed_on) == (order, date(2026, 11, 10), None)
    bob.post(page(deal, "stage/"), {"stage": "won", "since": "2026-11-19", "version": str(now.version)})
    now = stored(deal)
    assert (now.stage.kind, now.stage.name, now.closed_on) == ("won", "Won", date(2026, 11, 19))
    with tenant_scope(deal.tenant_id):
        days = [entry.entered_on.day for entry in deal.entries.order_by("entered_on")]
    assert days == [5, 10, 19]


def test_a_move_before_the_last_one_is_refused(bob: Client, deal: Deal) -> None:
    with tenant_scope(deal.tenant_id):
        order = Stage.objects.get(name="Order received")
    response = bob.post(page(deal, "stage/"), {"stage": str(order.pk), "since": "2026-10-01", "version": "1"})
    assert response.status_code == 400
    assert "only on 2026-11-05" in response.content.decode()


def test_the_day_of_its_stage_is_corrected_in_the_history_too(bob: Client, deal: Deal) -> None:
    bob.post(page(deal, "stage/"), {"stage": str(deal.stage_id), "since": "2026-11-02", "version": "1"})
    with tenant_scope(deal.tenant_id):
        assert [entry.entered_on.day for entry in deal.entries.all()] == [2]


def test_a_new_deal_makes_customer_and_owner_once(bob: Client, deal: Deal) -> None:
    said = {"title": "", "customer": "halden  process", "seller": "P. Nair", "stage": str(deal.stage_id)}
    response = bob.post("/pipeline/deals/new/", {**said, "since": "2026-11-20", "reference": "D-2"})
    assert response.status_code == 302
    twice = bob.post("/pipeline/deals/new/", {**said, "since": "2026-11-20", "reference": "D-2"})
    assert "There is a deal D-2 already." in twice.content.decode()
    with tenant_scope(deal.tenant_id):
        assert Deal.objects.get(reference="D-2").customer == deal.customer


def test_a_note_carries_its_author(bob: Client, deal: Deal, cast: Cast) -> None:
    bob.post(page(deal, "notes/"), {"text": "They want delivery in May."})
    with tenant_scope(deal.tenant_id):
        note = deal.notes.get()
    assert (note.author, note.written_on) == (cast.bob.display_name, TODAY)


BILL = {"number": "NW-1", "customer": "Halden Process", "amount": "214,300", "issued_on": "2026-11-01",
        "due_on": "2026-12-01"}  # fmt: skip


def test_an_invoice_is_made_disputed_and_paid(bob: Client, deal: Deal) -> None:
    assert bob.post(page(deal, "invoices/"), BILL).status_code == 302
    with tenant_scope(deal.tenant_id):
        invoice = Invoice.objects.get()
    where = f"/pipeline/invoices/{invoice.pk}/"
    early = bob.post(where, {**BILL, "version": "1", "settled_on": "2026-10-01"})
    assert early.status_code == 400
    assert "before the invoice was issued" in early.content.decode()
    assert bob.post(where, {**BILL, "version": "1", "disputed": "on", "due_on": "2026-12-20"}).status_code == 302
    assert bob.post(where, {**BILL, "version": "1", "settled_on": "2026-11-19"}).status_code == 409
    assert bob.post(where, {**BILL, "version": "2", "settled_on": "2026-11-19"}).status_code == 302
    with tenant_scope(deal.tenant_id):
        invoice.refresh_from_db()
        steps = [change.after for change in Change.objects.order_by("at")]
    assert (invoice.settled_on, invoice.disputed) == (date(2026, 11, 19), False)
    assert [sorted(step) for step in steps[1:]] == [["Disputed", "Due on"], ["Disputed", "Due on", "Paid on"]]
    assert "NW-1" in bob.get(page(deal)).content.decode()


def test_what_was_changed_is_told_to_those_above(
    bob: Client, deal: Deal, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[Any] = []

    def hear(sender: Any, tenant: Any, **rest: Any) -> None:
        told.append(tenant)

    changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            bob.post(page(deal), terms(deal, value="5"))
    finally:
        changed.disconnect(hear)
    assert told == [deal.tenant_id]
