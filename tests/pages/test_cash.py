"""The cash forecast on the pipeline page, what its figures are made of, and what people expect instead."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from csuite.deals.models import Customer, Deal, Expectation, Invoice, Note, Pipeline, Stage
from csuite.personas import tasks
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast, visible

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(cast: Cast) -> date:
    return cast.acme.today()


@pytest.fixture
def deal(cast: Cast, today: date) -> Deal:
    with tenant_scope(cast.acme.id):
        stage = Stage.objects.create(pipeline=Pipeline.objects.create(name="Sales"), name="Order received")
        made: Deal = Deal.objects.create(
            reference="D-1", title="Line upgrade", stage=stage, value=Decimal(480_000), entered_on=today
        )
        Deal.objects.create(reference="D-2", title="No value", stage=stage)
        return made


@pytest.fixture
def bill(cast: Cast, today: date) -> Invoice:
    with tenant_scope(cast.acme.id):
        made: Invoice = Invoice.objects.create(
            number="N-1", customer=Customer.objects.create(name="Halden"), issued_on=today, amount=Decimal(500),
            due_on=today + timedelta(days=30),
        )  # fmt: skip
        return made


def page(cast: Cast, where: str = "/pipeline/") -> Any:
    return cast.client(cast.bob).get(where)


def test_the_page_shows_every_week_with_its_range_and_says_what_rules_decide(cast: Cast, deal: Deal) -> None:
    response = page(cast)
    cash = response.context["cash"]
    assert (cash.by, cash.unit, len(cash.periods)) == ("week", "$k", 14)
    assert 450 < int(cash.totals.paid) <= 480  # the rest comes later
    assert (cash.newest, cash.stale) == (deal.entered_on, False)
    assert "<svg" in cash.chart
    assert "is expected until" in cash.title
    text = visible(response)
    assert "Nothing is learned from history yet" in text
    assert "Left out: D-2: its value is not known" in text
    assert all(f'href="{one.url}"' in response.content.decode() for one in cash.periods)


def test_months_are_a_switch_that_keeps_the_filter(cast: Cast, deal: Deal) -> None:
    stage = deal.stage_id
    response = page(cast, f"/pipeline/?by=month&stage={stage}")
    assert response.context["cash"].by == "month"
    assert len(response.context["cash"].periods) in (6, 7)
    assert f"?stage={stage}&amp;by=month" in response.content.decode()


def test_without_anything_open_there_is_no_forecast(cast: Cast) -> None:
    assert page(cast).context["cash"] is None


def test_credit_notes_alone_are_told_by_the_table(cast: Cast, bill: Invoice) -> None:
    with tenant_scope(cast.acme.id):
        Invoice.objects.update(amount=Decimal(-500))
    cash = page(cast).context["cash"]
    assert (cash.chart, cash.unit) == ("", "$")
    assert cash.totals.paid in ("−499", "−500")  # some of it may come later


def test_old_data_are_warned_about(cast: Cast, bill: Invoice, today: date) -> None:
    assert not page(cast).context["cash"].stale
    with tenant_scope(cast.acme.id):
        Invoice.objects.update(issued_on=today - timedelta(days=40))
    assert page(cast).context["cash"].stale


def test_the_csv_has_every_figure_to_the_cent(cast: Cast, deal: Deal) -> None:
    response = page(cast, "/pipeline/forecast.csv?by=month")
    rows = list(csv.reader(response.content.decode().splitlines()))
    assert rows[0] == ["From", "To", "Deals", "Invoices", "Payments", "Low", "High", "Currency"]
    paid = sum(Decimal(row[4]) for row in rows[1:-1])
    assert Decimal(rows[-1][4]) == paid == Decimal("480000.00")
    assert {row[-1] for row in rows[1:]} == {"USD"}


def test_a_period_names_its_deals_with_their_steps(cast: Cast, deal: Deal, bill: Invoice) -> None:
    weeks = page(cast).context["cash"].periods
    best = max(weeks, key=lambda one: int(one.paid.replace(",", "")))
    response = page(cast, best.url)
    assert {part.one.id for part in response.context["parts"]} == {"D-1", "N-1"}
    text = visible(response)
    assert "Cycle time" in text
    assert "10 days" in text
    assert "Decided by" in text
    assert page(cast, "/pipeline/forecast/2020-01-06/").status_code == 404


def expecting(cast: Cast, item: Deal | Invoice, **said: Any) -> Any:
    kind = "deals" if isinstance(item, Deal) else "invoices"
    return cast.client(cast.bob).post(f"/pipeline/{kind}/{item.pk}/forecast/", said)


def rows(cast: Cast) -> list[Expectation]:
    with tenant_scope(cast.acme.id):
        return list(Expectation.objects.select_related("made_by", "undone_by"))


def test_what_an_executive_expects_counts_is_shown_and_can_be_taken_back(cast: Cast, deal: Deal, today: date) -> None:
    where = f"/pipeline/deals/{deal.pk}/forecast/"
    day = today + timedelta(days=70)
    response = expecting(cast, deal, payment_on=day.isoformat(), amount="300000", chance="50", reason="The board said")
    assert (response.status_code, response["Location"]) == (302, where)
    (row,) = rows(cast)
    assert (row.payment_on, row.amount, row.chance, row.made_by) == (day, Decimal(300_000), Decimal("0.5"), cast.bob)
    assert page(cast).context["cash"].totals.paid == "150"
    shown = page(cast, where)
    assert shown.context["one"].payment.on == day
    assert shown.context["form"].initial["chance"] == 50
    text = visible(shown)
    assert "The board said" in text
    assert "Amount set by" in text
    assert "Counts" in text
    undo = cast.client(cast.alice).post(f"/pipeline/expected/{row.pk}/undo/")
    assert undo["Location"] == where
    cast.client(cast.bob).post(f"/pipeline/expected/{row.pk}/undo/")
    (row,) = rows(cast)
    assert row.undone_by == cast.alice
    assert "Taken back by" in visible(page(cast, where))
    assert int(page(cast).context["cash"].totals.paid) > 450


def test_an_invoices_payment_is_expected_without_an_invoice_day(cast: Cast, bill: Invoice, today: date) -> None:
    where = f"/pipeline/invoices/{bill.pk}/forecast/"
    assert "invoice_on" not in page(cast, where).context["form"].fields
    assert expecting(cast, bill, chance="0", reason="They are bankrupt")["Location"] == where
    assert page(cast).context["cash"].totals.paid == "0"
    assert "No money is expected" in page(cast).context["cash"].title
    (row,) = rows(cast)
    assert cast.client(cast.bob).post(f"/pipeline/expected/{row.pk}/undo/")["Location"] == where


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"payment_on": 0}, "This day must lie after today."),
        ({"invoice_on": 20, "payment_on": 10}, "A payment cannot come before its invoice"),
        ({}, "Say at least one thing that you expect."),
        ({"chance": "101"}, "less than or equal to 100"),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"amount": "10", "reason": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    cast: Cast, deal: Deal, today: date, said: dict[str, Any], told: str
) -> None:
    days = {name: (today + timedelta(days=n)).isoformat() for name, n in said.items() if isinstance(n, int)}
    response = expecting(cast, deal, **{"reason": "A call", **said, **days})
    assert response.status_code == 400
    assert told in visible(response)
    assert rows(cast) == []


def test_a_day_over_a_year_away_is_kept_with_a_doubt(cast: Cast, deal: Deal, today: date) -> None:
    day = today + timedelta(days=400)
    where, browser = f"/pipeline/deals/{deal.pk}/forecast/", cast.client(cast.bob)
    browser.post(where, {"payment_on": day.isoformat(), "reason": "A long project"})
    assert "is more than a year away" in visible(browser.get(where))
    assert rows(cast)[0].payment_on == day


def test_what_is_not_in_the_forecast_says_why(cast: Cast, deal: Deal, bill: Invoice, today: date) -> None:
    with tenant_scope(cast.acme.id):
        other = Deal.objects.get(reference="D-2")
        Invoice.objects.update(settled_on=today)
    assert "Not in the forecast: its value is not known" in visible(page(cast, f"/pipeline/deals/{other.pk}/forecast/"))
    assert "it is finished" in visible(page(cast, f"/pipeline/invoices/{bill.pk}/forecast/"))


def test_notes_that_no_model_read_are_offered_to_one(
    cast: Cast, deal: Deal, today: date, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(tasks.read_deal_notes, "delay", lambda *named: asked.append(named))
    assert "not read by a language model" not in visible(page(cast))
    with tenant_scope(cast.acme.id):
        Note.objects.create(deal=deal, text="They pay in May", written_on=today)
    assert "The notes of 1 deal were not read by a language model" in visible(page(cast))
    with django_capture_on_commit_callbacks(execute=True):
        response = cast.client(cast.bob).post("/pipeline/forecast/notes/")
    assert response.status_code == 302
    assert asked == [(str(cast.acme.id), str(cast.bob.pk))]
