"""The pipeline page (csuite/pages/pipeline.py) and what the demo shows on it, as in the design."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from csuite.deals.models import Customer, Deal, Invoice, Pipeline, Seller, Stage
from csuite.server.demo import load_demo
from csuite.tenants.models import User
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast, visible

pytestmark = pytest.mark.django_db


@pytest.fixture
def stages(cast: Cast) -> dict[str, Stage]:
    with tenant_scope(cast.acme.id):
        home = Pipeline.objects.create(name="Sales")
        rows = (("Quoted", "open"), ("Invoiced", "open"), ("Won", "won"))
        return {
            name: Stage.objects.create(pipeline=home, name=name, kind=kind, position=place)
            for place, (name, kind) in enumerate(rows)
        }


def deal(cast: Cast, stage: Stage, reference: str, **fields: Any) -> Deal:
    with tenant_scope(cast.acme.id):
        made: Deal = Deal.objects.create(stage=stage, reference=reference, **fields)
        return made


def invoice(cast: Cast, customer: str, number: str, due: int, paid: int | None = None, **fields: Any) -> Invoice:
    """Due and paid in days from today."""
    today = timezone.localdate()
    with tenant_scope(cast.acme.id):
        whose, _ = Customer.objects.get_or_create(name=customer)
        settled = None if paid is None else today + timedelta(days=paid)
        when = today + timedelta(days=due)
        made: Invoice = Invoice.objects.create(
            number=number, customer=whose, issued_on=when - timedelta(days=30), due_on=when, settled_on=settled,
            amount=Decimal(100), **fields,
        )  # fmt: skip
        return made


def shown(cast: Cast, query: str = "") -> Any:
    return cast.client(cast.bob).get(f"/pipeline/{query}").context


def test_stages_sum_their_open_deals_and_say_what_has_no_value(cast: Cast, stages: dict[str, Stage]) -> None:
    deal(cast, stages["Quoted"], "D-1", value=Decimal(1_480_000))
    deal(cast, stages["Quoted"], "D-2")
    deal(cast, stages["Quoted"], "D-3", value=Decimal(7), currency="EUR")
    deal(cast, stages["Won"], "D-4", value=Decimal(5_000_000))
    context = shown(cast)
    assert [(one.name, one.total, one.deals, one.width) for one in context["stages"]] == [
        ("Quoted", "$1,480k", "3 deals", 100)
    ]
    assert context["intro"].startswith("3 open deals worth $1.48m, 2 of them without a value in USD")
    assert [line.deal.reference for line in context["deals"]] == ["D-1", "D-3", "D-2"]


def test_deals_are_filtered_by_stage_seller_and_age(cast: Cast, stages: dict[str, Stage]) -> None:
    today = timezone.localdate()
    with tenant_scope(cast.acme.id):
        nair = Seller.objects.create(name="P. Nair")
    deal(cast, stages["Quoted"], "D-1", seller=nair, entered_on=today - timedelta(days=61))
    deal(cast, stages["Quoted"], "D-2", entered_on=today - timedelta(days=60))
    deal(cast, stages["Invoiced"], "D-3", seller=nair)

    def found(query: str) -> list[str]:
        return [line.deal.reference for line in shown(cast, query)["deals"]]

    assert found("") == ["D-1", "D-2", "D-3"]
    assert found(f"?stage={stages['Quoted'].id}") == ["D-1", "D-2"]
    assert found(f"?seller={nair.id}") == ["D-1", "D-3"]
    assert found("?age=slow") == ["D-1"]
    assert found(f"?seller={nair.id}&stage={stages['Invoiced'].id}&age=slow") == []
    assert found("?stage=nonsense&seller=%00") == ["D-1", "D-2", "D-3"]
    days = {line.deal.reference: (line.days, line.slow) for line in shown(cast)["deals"]}
    assert days == {"D-1": (61, True), "D-2": (60, False), "D-3": (None, False)}


def test_late_invoices_tell_how_their_customers_pay(cast: Cast, stages: dict[str, Stage]) -> None:
    late = deal(cast, stages["Invoiced"], "D-1")
    invoice(cast, "Halden", "N-1", due=-38, deal=late, disputed=True)
    invoice(cast, "Aurel", "N-2", due=-5, promised_on=date(2026, 11, 24))
    invoice(cast, "Osprey", "N-3", due=0)
    for number, habit in enumerate((8, 9, 30)):
        invoice(cast, "Halden", f"P-{number}", due=-100, paid=-100 + habit)
    for number in range(3):
        invoice(cast, "Aurel", f"Q-{number}", due=-100, paid=-101)
    context = shown(cast)
    assert [(one.late.invoice.number, one.late.days, one.habit, one.bad) for one in context["late"]] == [
        ("N-1", 38, "9 days late", True), ("N-2", 5, "On time", False),
    ]  # fmt: skip
    assert context["late"][1].contact == "Promised for 24 Nov"
    assert context["late_total"] == "$200"
    assert [one.late for one in context["stages"]] == [1]


def test_an_empty_pipeline_leads_to_the_import(cast: Cast) -> None:
    page = visible(cast.client(cast.bob).get("/pipeline/"))
    assert "No open deals yet" in page
    assert "/imports/?target=deals" in page


def test_another_company_sees_none_of_it(cast: Cast, stages: dict[str, Stage]) -> None:
    deal(cast, stages["Quoted"], "D-1", title="Secret plan", value=Decimal(5))
    page = visible(cast.client(cast.charlie).get(f"/pipeline/?stage={stages['Quoted'].id}"))
    assert "Secret plan" not in page
    assert "Quoted" not in page


def test_many_deals_are_shown_page_by_page(cast: Cast, stages: dict[str, Stage]) -> None:
    for number in range(53):
        deal(cast, stages["Quoted"], f"D-{number:02}", value=Decimal(1000 - number))
    assert len(shown(cast)["deals"]) == 50
    assert [line.deal.reference for line in shown(cast, "?page=2")["deals"]] == ["D-50", "D-51", "D-52"]
    with_filter = visible(cast.client(cast.bob).get(f"/pipeline/?stage={stages['Quoted'].id}"))
    assert f"?stage={stages['Quoted'].id}&amp;page=2" in with_filter


@pytest.mark.parametrize("today", [date(2026, 11, 20), date(2026, 3, 1), date(2028, 2, 29)])
def test_the_demo_shows_the_designs_figures_whenever_it_is_loaded(today: date) -> None:
    load_demo(today=today, password="a password of the demo")
    elena = User.objects.get(email="elena@northwind.example")
    from csuite.deals.standing import LONG, Sieve, late_invoices, open_deals, stage_sums

    with tenant_scope(elena.memberships.get().tenant_id):
        sums = stage_sums("USD", today)
        assert [(one.stage.name, one.deals, int(one.total) // 1000, one.late) for one in sums] == [
            ("Qualified", 19, 1480, 0), ("Quoted", 22, 1815, 0), ("Order received", 8, 742, 0),
            ("Under progress", 9, 905, 0), ("Production", 5, 506, 0), ("Awaiting receipt", 3, 220, 0),
            ("Invoiced", 7, 672, 6),
        ]  # fmt: skip
        late = late_invoices(today)
        assert sum(one.invoice.amount for one in late) == Decimal(612_000)
        assert {str(one.invoice.customer): one.habit for one in late} == {
            "Halden Process": 9, "Aurel Pharma": 0, "Meridian Water": 14, "Castell Foods": 20, "Brandt Turbines": 0,
            "Osprey Labs": 6,
        }  # fmt: skip
        assert open_deals(Sieve(slow=True), today).count() >= 10
        assert LONG == 60
        if today == date(2026, 11, 20):
            assert [(one.invoice.number, one.days) for one in late] == [
                ("NW-20418", 38), ("NW-20431", 29), ("NW-20440", 23), ("NW-20452", 17), ("NW-20455", 14),
                ("NW-20461", 9),
            ]  # fmt: skip
