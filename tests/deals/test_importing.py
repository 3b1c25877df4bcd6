"""Deals, customers and invoices out of files (csuite/deals/importing.py)."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from csuite.deals.models import Customer, Deal, Invoice, Note, Pipeline, Product, Seller, Stage, StageEntry
from csuite.deals.signals import changed
from csuite.imports.models import ImportRun
from csuite.imports.targets import targets
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast
from tests.imports.driving import checked, imported, undone

pytestmark = pytest.mark.django_db
REAL = Path(__file__).resolve().parents[3] / "shared" / "data"
Status = ImportRun.Status

DEALS = (
    b"Deal ID;Owner;Account;Stage;Engage date;Close date;Value\n"
    b"D-1;P. Nair;Halden Process;Quoted;2026-09-01;;1.234,50\n"
    b"D-2;S. Lindt;Aurel Pharma;Won;2026-08-01;2026-09-15;99,00\n"
    b"D-3;P. Nair;;Qualified;;;\n"
)
INVOICES = (
    b"Invoice,Customer,Invoice date,Due date,Amount,Disputed,Paid on,Order\n"
    b"NW-1,halden process,2026-09-01,2026-10-01,100.00,no,2026-10-05,D-1\n"
    b"NW-2,Osprey Labs,2026-09-02,2026-10-02,200.00,yes,,\n"
)
TABLES = (Customer, Deal, Invoice, Note, Pipeline, Product, Seller, Stage, StageEntry)


def everything(cast: Cast) -> dict[str, list[dict[str, Any]]]:
    with tenant_scope(cast.acme.id):
        rows = {model.__name__: list(model.objects.order_by("id").values()) for model in TABLES}
    for row in (row for found in rows.values() for row in found):
        row.pop("version", None)  # goes on, whatever is done or undone
    return rows


def test_a_deal_comes_with_its_customer_seller_stage_and_history(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    run = imported(bob, "deals", DEALS)
    assert run.counts["deals"] == {"new": 3, "changed": 0, "same": 0}
    with tenant_scope(bob.tenant_id):
        deal = Deal.objects.select_related("stage__pipeline", "customer", "seller").get(reference="D-1")
        assert (deal.customer.name, deal.seller.name, deal.stage.name) == ("Halden Process", "P. Nair", "Quoted")
        assert (deal.value, deal.currency, deal.opened_on) == (Decimal("1234.50"), "USD", date(2026, 9, 1))
        assert deal.stage.pipeline.name == "Sales"
        assert dict(Stage.objects.values_list("name", "kind")) == {"Quoted": "open", "Won": "won", "Qualified": "open"}
        assert list(Stage.objects.values_list("name", flat=True)) == ["Qualified", "Quoted", "Won"]
        won = Deal.objects.get(reference="D-2")
        assert won.entered_on == date(2026, 9, 15)
        assert [entry.entered_on for entry in won.entries.all()] == [date(2026, 9, 15)]
        unknown = Deal.objects.get(reference="D-3")
        assert (unknown.value, unknown.customer_id, unknown.entered_on) == (None, None, None)


def test_a_deal_that_moved_on_keeps_where_it_was(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    imported(bob, "deals", DEALS)
    before = everything(cast)
    moved = b"Deal ID,Stage,Close date\nD-1,Won,2026-10-20\nD-2,Won,2026-09-15\n"
    run = imported(bob, "deals", moved, "moved.csv")
    assert run.counts["deals"] == {"new": 0, "changed": 1, "same": 1}
    with tenant_scope(bob.tenant_id):
        deal = Deal.objects.get(reference="D-1")
        assert [str(entry.entered_on) for entry in deal.entries.all()] == ["2026-09-01", "2026-10-20"]
        assert (deal.value, deal.customer.name) == (Decimal("1234.50"), "Halden Process")  # no column, no change
    assert undone(bob, run).status == Status.UNDONE
    assert everything(cast) == before


def test_a_deal_that_stands_still_keeps_the_day_it_came(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    imported(bob, "deals", DEALS)
    imported(bob, "deals", b"Deal ID,Stage,Value\nD-1,Quoted,5\n", "value.csv")
    with tenant_scope(bob.tenant_id):
        deal = Deal.objects.get(reference="D-1")
        assert (deal.value, deal.entered_on) == (Decimal(5), date(2026, 9, 1))
        assert deal.entries.count() == 1


def test_names_that_differ_in_blanks_and_capitals_are_one_thing(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    imported(bob, "products", b"product,series,sales_price\nGTX Pro,GTX,4821\n")
    imported(bob, "deals", b"deal,stage,product\nD-1,Won,GTXPro\nD-2,won,gtx pro\n")
    with tenant_scope(bob.tenant_id):
        assert [product.name for product in Product.objects.all()] == ["GTX Pro"]
        assert Stage.objects.count() == 1


def test_invoices_find_their_customers_and_deals(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    imported(bob, "deals", DEALS)
    run = imported(bob, "invoices", INVOICES)
    assert run.counts["customers"]["new"] == 1
    with tenant_scope(bob.tenant_id):
        paid, open_ = Invoice.objects.order_by("number").select_related("customer", "deal")
        assert (paid.customer.name, paid.deal.reference, paid.settled_on) == (
            "Halden Process", "D-1", date(2026, 10, 5))  # fmt: skip
        assert (open_.disputed, open_.settled_on, open_.amount) == (True, None, Decimal("200.00"))


def test_an_invoice_that_cannot_be_is_told_with_its_row(cast: Cast) -> None:
    rows = b"NW-1,Halden,2026-09-01,2026-08-01,1,no,,\nNW-2,Halden,2026-09-01,2026-10-01,1,no,2026-08-30,D-9\n"
    run = checked(cast.member(cast.bob), "invoices", INVOICES.split(b"\n")[0] + b"\n" + rows)
    assert run.errors == [
        {"row": 2, "column": "Due date", "message": "It is before the invoice was issued."},
        {"row": 3, "column": "Order", "message": "There is no deal D-9."},
    ]


def test_customers_that_are_there_get_their_facts_and_undoing_takes_them_back(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    imported(bob, "deals", DEALS)
    before = everything(cast)
    data = b"account,sector,year_established,revenue,employees,office_location,subsidiary_of\n"
    run = imported(bob, "customers", data + b"HALDEN PROCESS,water,1996,1100.04,2822,Norway,\nNew One,,,,,,\n")
    assert run.counts["customers"] == {"new": 1, "changed": 1, "same": 0}
    with tenant_scope(bob.tenant_id):
        found = Customer.objects.get(name="Halden Process")
        assert (found.sector, found.founded, found.employees, found.country) == ("water", 1996, 2822, "Norway")
    undone(bob, run)
    assert everything(cast) == before


def test_a_customer_with_newer_invoices_is_not_taken_away_by_undoing(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    deals = imported(bob, "deals", DEALS)
    imported(bob, "invoices", INVOICES)
    after = undone(bob, deals)
    assert after.status == Status.DONE
    assert "Customer Halden Process is used by invoice NW-1." in after.message


def test_money_of_another_currency_is_refused(cast: Cast) -> None:
    run = checked(cast.member(cast.bob), "deals", "deal,stage,value\nD-1,Won,€5\n".encode())
    assert run.errors[0]["message"] == "The amount is in EUR, the company counts in USD."


def test_what_was_imported_is_announced(cast: Cast) -> None:
    bob, heard = cast.member(cast.bob), []

    def listen(sender: Any, **said: Any) -> None:
        heard.append(said["tenant"])

    changed.connect(listen)
    try:
        undone(bob, imported(bob, "deals", DEALS))
    finally:
        changed.disconnect(listen)
    assert heard == [bob.tenant_id, bob.tenant_id]


def test_another_companys_rows_are_neither_seen_nor_touched(cast: Cast) -> None:
    bob, charlie = cast.member(cast.bob), cast.member(cast.charlie)
    imported(bob, "deals", DEALS)
    before = everything(cast)
    theirs = imported(charlie, "deals", DEALS)
    assert theirs.counts["deals"]["new"] == 3
    undone(charlie, theirs)
    assert everything(cast) == before


def test_every_kind_of_file_is_offered() -> None:
    kinds = {target.key for target in targets()}
    assert kinds >= {"metrics", "values", "deals", "customers", "invoices", "products", "sellers"}


@pytest.mark.skipif(not REAL.exists(), reason="the real files are not here (../shared/data)")
def test_the_real_files_are_imported_with_the_columns_that_are_suggested(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    for target, name in (
        ("customers", "crm/accounts.csv"), ("products", "crm/products.csv"), ("sellers", "crm/sales_teams.csv"),
        ("deals", "crm/deals.csv"), ("invoices", "receivables.csv"),
    ):  # fmt: skip
        assert imported(bob, target, (REAL / name).read_bytes(), name).status == Status.DONE
    with tenant_scope(bob.tenant_id):
        assert Customer.objects.count() == 185
        assert Product.objects.count() == 7
        assert Seller.objects.count() == 35
        stages = Counter(Deal.objects.values_list("stage__name", flat=True))
        assert stages == {"Won": 3042, "Engaging": 2409, "Lost": 1684, "Prospecting": 500}
        assert Deal.objects.filter(customer=None).count() == 1345
        assert sum(Deal.objects.exclude(value=None).values_list("value", flat=True)) == Decimal(7_203_038)
        assert Invoice.objects.count() == 1930
        assert Invoice.objects.filter(disputed=True).count() == 439
