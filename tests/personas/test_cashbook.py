"""A tenant's rows as the cash forecast takes them (csuite/personas/cashbook.py)."""

from datetime import date

import pytest

from csuite.deals.models import Deal, Invoice, Note, Stage
from csuite.personas.cashbook import Cashbook, read_cashbook
from csuite.personas.cashflow import learn, predict_cashflow
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast
from tests.imports.driving import imported

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
DEALS = (
    b"Deal ID;Pipeline;Account;Stage;Engage date;Entered;Close date;Value\n"
    b"D-1;North;Halden;Quoted;2026-09-01;2026-09-01;;1000.00\n"
    b"D-2;North;Aurel;Won;2026-08-01;;2026-09-15;99.00\n"
    b"D-3;North;Aurel;Lost;2026-08-01;;2026-08-20;50.00\n"
    b"D-4;North;;Qualified;;;;\n"
    b"D-5;North;Halden;Order received;2026-10-01;2026-11-12;;700.00\n"
    b"D-6;South;Castell;Production;2026-10-01;2026-10-20;;300.00\n"
)
INVOICES = (
    b"Invoice,Customer,Invoice date,Due date,Amount,Disputed,Paid on,Order\n"
    b"NW-1,Halden,2026-09-01,2026-10-01,100.00,no,2026-10-05,\n"
    b"NW-2,Osprey Labs,2026-11-02,2026-12-02,200.00,yes,,\n"
    b"NW-3,Castell,2026-11-15,2026-12-15,300.00,no,,D-6\n"
)


@pytest.fixture
def rows(cast: Cast) -> Cast:
    bob = cast.member(cast.bob)
    imported(bob, "deals", DEALS)
    imported(bob, "invoices", INVOICES, "invoices.csv")
    return cast


def read(cast: Cast) -> Cashbook:
    with tenant_scope(cast.acme.id):
        return read_cashbook()


def test_open_deals_with_a_value_are_forecast_and_those_without_are_named(rows: Cast) -> None:
    found = read(rows)
    deals = {deal.id: (deal.stage, deal.customer, deal.pipeline, deal.entered_on) for deal in found.book.deals}
    assert deals["D-1"] == ("Quoted", "Halden", "North", date(2026, 9, 1))
    assert set(deals) == {"D-1", "D-5", "D-6"}
    assert found.unvalued == ("D-4",)


def test_invoices_keep_their_dispute_deal_and_pipeline(rows: Cast) -> None:
    invoices = {one.id: one for one in read(rows).book.invoices}
    assert (invoices["NW-2"].disputed, invoices["NW-2"].pipeline) == (True, "")
    assert (invoices["NW-3"].deal, invoices["NW-3"].pipeline) == ("D-6", "South")
    assert invoices["NW-1"].settled_on == date(2026, 10, 5)


def test_stays_end_with_the_order_the_invoice_or_the_loss(rows: Cast) -> None:
    spells = {(one.deal, one.stage): (one.entered_on, one.ended_on, one.outcome) for one in read(rows).book.spells}
    assert spells == {
        ("D-1", "Quoted"): (date(2026, 9, 1), None, None),
        ("D-2", "Quoted"): (date(2026, 8, 1), date(2026, 9, 15), "reached"),
        ("D-3", "Quoted"): (date(2026, 8, 1), date(2026, 8, 20), "lost"),
        ("D-5", "Quoted"): (date(2026, 10, 1), date(2026, 11, 12), "reached"),
        ("D-5", "Order received"): (date(2026, 11, 12), None, None),
        ("D-6", "Production"): (date(2026, 10, 20), date(2026, 11, 15), "reached"),
    }


def test_days_of_a_stage_notes_and_promises_reach_the_forecast(rows: Cast) -> None:
    with tenant_scope(rows.acme.id):
        Stage.objects.filter(name="Order received").update(days=20)
        Stage.objects.filter(name="Quoted").update(days=30)  # selling: no days until an invoice
        deal = Deal.objects.get(reference="D-5")
        Note.objects.create(tenant=rows.acme, deal=deal, text="invoice on 10 December", written_on=TODAY)
        Invoice.objects.filter(number="NW-2").update(promised_on=date(2026, 11, 30))
    found = read(rows)
    assert found.assumptions.cycle("Order received") == 20
    assert found.assumptions.cycle("Quoted") is None
    assert next(one.notes for one in found.book.deals if one.id == "D-5") == ("invoice on 10 December",)
    forecast = predict_cashflow(
        "",
        91,
        "week",
        book=found.book,
        today=TODAY,
        currency="USD",
        assumptions=found.assumptions,
        learned=learn(found.book, TODAY, found.assumptions),
        overrides=found.overrides,
    )
    dates = {one.id: one for one in forecast.predictions}
    assert dates["D-5"].invoice.on == date(2026, 12, 2)
    assert dates["NW-2"].payment.on == date(2026, 11, 30)
    assert "set by the customer's promise" in dates["NW-2"].reasoning
    assert "D-6" not in dates  # its invoice stands for it
    assert set(dates) == {"D-1", "D-5", "NW-2", "NW-3"}
    assert "Stage default of Quoted: an order after 30 days, no date was said" in dates["D-1"].reasoning


def test_another_tenant_sees_none_of_it(rows: Cast) -> None:
    with tenant_scope(rows.rival.id):
        found = read_cashbook()
    assert (found.book.deals, found.book.invoices, found.book.spells, found.unvalued) == ([], [], [], ())
