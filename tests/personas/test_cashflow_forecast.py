"""Cash forecast: weeks and months, their amounts and ranges, and what must hold for every input."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csuite.personas.cashflow import (
    Assumptions,
    Book,
    Deal,
    Forecast,
    Invoice,
    Learned,
    Override,
    learn,
    predict_cashflow,
)
from tests.personas.cash import TODAY, ago, deal, history, invoice, invoices

STAGES = ("Order received", "Under progress", "Awaiting GR", "Production", "Invoiced", "Quoted", "Unheard of")
MONEY = st.decimals(Decimal("-5000"), Decimal("90000"), places=2)
DAYS = st.integers(-30, 400).map(ago)
DEALS = st.builds(
    Deal,
    id=st.uuids().map(str),
    stage=st.sampled_from(STAGES),
    value=MONEY,
    currency=st.sampled_from(["USD", "USD", "EUR"]),
    customer=st.sampled_from(["", "Prompt", "Slow", "New"]),
    entered_on=st.none() | DAYS,
    closes_on=st.none() | DAYS,
    chance=st.none() | st.floats(0, 1),
)
INVOICES = st.builds(
    Invoice,
    id=st.uuids().map(str),
    customer=st.sampled_from(["", "Prompt", "Slow", "New"]),
    amount=MONEY,
    currency=st.just("USD"),
    issued_on=DAYS,
    due_on=st.none() | DAYS,
    settled_on=st.none() | DAYS,
    disputed=st.booleans(),
)


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn(history(), TODAY, Assumptions())


def forecast(book: Book, days: int = 91, **more: Any) -> Forecast:
    return predict_cashflow("", days, more.pop("granularity", "week"), book=book, today=TODAY, currency="USD", **more)


@given(deals=st.lists(DEALS, max_size=6), invoices_=st.lists(INVOICES, max_size=6), seed=st.integers(0, 9))
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("with_history", [False, True])
def test_what_holds_for_every_book(
    with_history: bool, learned: Learned, deals: list[Deal], invoices_: list[Invoice], seed: int
) -> None:
    known = learned if with_history else None
    found = forecast(Book(deals, invoices_), learned=known)
    for one in found.predictions:
        assert one.payment.on >= one.invoice.on
        assert one.payment.on > TODAY
        assert one.payment.low <= one.payment.on <= one.payment.high
        assert 0 <= one.confidence <= 1
        assert one.invoice.steps
        assert one.payment.steps
    assert sum(b.paid for b in found.buckets) + found.metadata.beyond == found.metadata.expected
    assert abs(found.metadata.expected - sum(Decimal(str(one.chance)) * one.value for one in found.predictions)) <= (
        Decimal("0.01") + Decimal("0.0001") * sum(abs(one.value) for one in found.predictions)
    )
    assert all(bucket.low <= bucket.high for bucket in found.buckets)
    shuffled = Book(Random(seed).sample(deals, len(deals)), Random(seed).sample(invoices_, len(invoices_)))
    assert forecast(shuffled, learned=known) == found


@given(deals=st.lists(DEALS, max_size=6), factor=st.sampled_from([2, 3, 10]))
@settings(max_examples=30, deadline=None)
def test_amounts_scale_the_periods(deals: list[Deal], factor: int) -> None:
    one = forecast(Book(deals))
    more = forecast(Book([replace(d, value=d.value * factor) for d in deals]))
    for bucket, larger in zip(one.buckets, more.buckets, strict=True):
        for name in ("invoiced", "paid", "low", "high"):
            assert abs(getattr(larger, name) - factor * getattr(bucket, name)) <= Decimal("0.02") * factor


def test_nothing_to_forecast_is_a_forecast_of_nothing() -> None:
    found = forecast(Book())
    assert {bucket.paid for bucket in found.buckets} == {Decimal("0.00")}
    assert found.metadata.average_confidence is None
    assert (found.predictions, found.left_out, found.metadata.analyzed) == ((), (), 0)


def test_one_deal_falls_into_the_weeks_around_its_dates() -> None:
    found = forecast(Book([deal()]))
    week = next(b for b in found.buckets if b.deals)
    assert week.start <= found.predictions[0].payment.on <= week.end
    assert week.start.weekday() == 0
    assert sum(b.invoiced for b in found.buckets) == Decimal("1000.00")
    assert found.metadata.expected == Decimal("1000.00")


def test_a_date_set_by_hand_puts_the_whole_amount_into_its_week() -> None:
    found = forecast(Book([deal()]), overrides={"D1": Override(invoice_on=ago(-5), payment_on=ago(-12))})
    assert [(b.start, b.paid, b.low, b.high) for b in found.buckets if b.paid] == [
        (date(2026, 11, 30), Decimal("1000.00"), Decimal("1000.00"), Decimal("1000.00"))
    ]


def test_weeks_begin_on_monday_and_months_on_their_first_and_end_with_the_horizon() -> None:
    weeks = forecast(Book(), 20).buckets
    assert [(b.start, b.end) for b in weeks] == [
        (date(2026, 11, 16), date(2026, 11, 22)),
        (date(2026, 11, 23), date(2026, 11, 29)),
        (date(2026, 11, 30), date(2026, 12, 6)),
        (date(2026, 12, 7), date(2026, 12, 10)),
    ]
    months = forecast(Book(), 60, granularity="month").buckets
    assert [(b.start, b.end) for b in months] == [
        (date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 1, 19)),
    ]


def test_weeks_and_months_hold_the_same_money() -> None:
    book = Book([deal(n, stage=STAGES[n % 4], entered_on=ago(n)) for n in range(20)])
    week, month = forecast(book, 71), forecast(book, 71, granularity="month")
    assert sum(b.paid for b in week.buckets) == sum(b.paid for b in month.buckets)
    assert week.metadata.expected == month.metadata.expected == Decimal("20000.00")


def test_the_range_of_many_deals_is_narrower_than_their_sum_of_ranges() -> None:
    one, many = forecast(Book([deal(0)])), forecast(Book([deal(n) for n in range(100)]))
    week = max(range(len(one.buckets)), key=lambda n: one.buckets[n].paid)
    assert many.buckets[week].high - many.buckets[week].low < 40 * (one.buckets[week].high - one.buckets[week].low)
    assert many.buckets[week].low <= many.buckets[week].paid <= many.buckets[week].high


def test_what_lies_below_a_confidence_is_left_out_and_said_so() -> None:
    found = forecast(Book([deal(1), deal(2, entered_on=None)]), least_confidence=0.4)
    assert [one.id for one in found.predictions] == ["D1"]
    assert [(out.id, out.reason) for out in found.left_out] == [("D2", "confidence 0.30, under 0.40")]
    assert found.metadata.analyzed == 2
    assert found.metadata.average_confidence == 0.6


def test_a_pipeline_is_its_deals_and_their_invoices() -> None:
    book = Book(
        [deal(1, pipeline="North"), deal(2, pipeline="South"), deal(3, pipeline="North", stage="Invoiced")],
        [invoice(1, deal="D3"), invoice(2, pipeline="South"), invoice(3, pipeline="North"), invoice(4)],
    )
    found = predict_cashflow("North", 91, "week", book=book, today=TODAY, currency="USD")
    assert [one.id for one in found.predictions] == ["D1", "I1", "I3"]


def test_a_deal_with_an_invoice_is_counted_once() -> None:
    found = forecast(Book([deal(stage="Invoiced")], [invoice(deal="D1"), invoice(2, deal="D1", settled_on=ago(1))]))
    assert [(one.kind, one.id) for one in found.predictions] == [("invoice", "I1")]
    assert found.metadata.expected == Decimal("500.00")


def test_finished_deals_and_paid_invoices_bring_nothing() -> None:
    book = Book([deal(1, stage="Lost"), deal(2, stage="cancelled")], [invoice(settled_on=TODAY)])
    assert forecast(book).predictions == ()


def test_duplicates_count_once_and_are_warned_about() -> None:
    found = forecast(Book([deal(), deal()], [invoice(), invoice(amount=Decimal(9))]))
    assert [one.id for one in found.predictions] == ["D1", "I1"]
    assert found.metadata.warnings[:2] == (
        "invoice I1 is there twice and counts once",
        "deal D1 is there twice and counts once",
    )


def test_another_currency_is_left_out_never_mixed() -> None:
    found = forecast(Book([deal(1), deal(2, currency="EUR")], [invoice(currency="CHF")]))
    assert found.metadata.expected == Decimal("1000.00")
    assert [(out.id, out.reason) for out in found.left_out] == [("D2", "in EUR, not USD"), ("I1", "in CHF, not USD")]


def test_a_credit_note_takes_money_away() -> None:
    found = forecast(Book((), [invoice(1), invoice(2, amount=Decimal("-200.00"))]))
    assert found.metadata.expected == Decimal("300.00")


def test_what_is_dated_after_today_is_forecast_with_a_warning() -> None:
    book = Book(
        [deal(1, entered_on=ago(-5)), deal(2, stage="Invoiced", entered_on=ago(-5))],
        [invoice(1, issued_on=ago(-4)), invoice(2, settled_on=ago(-1)), invoice(3, due_on=ago(40))],
    )
    for known in (None, learn(history(), TODAY, Assumptions())):
        found = forecast(book, learned=known)
        assert len(found.predictions) == 5
        assert all(one.payment.on > TODAY for one in found.predictions)
        assert found.predictions[2].payment.on > ago(-4)
        assert [text.split(":")[0] for text in found.metadata.warnings] == ["D1", "D2", "I1", "I2", "I3"]


def test_the_same_input_gives_the_same_forecast_and_another_seed_the_same_values(learned: Learned) -> None:
    book = Book([deal(n, stage="Quoted", entered_on=ago(n)) for n in range(30)], invoices())
    one, again, other = (forecast(book, learned=learned, seed=seed) for seed in ("a", "a", "b"))
    assert one == again
    assert [p.payment.on for p in one.predictions if p.kind == "invoice"] == [
        p.payment.on for p in other.predictions if p.kind == "invoice"
    ]


def test_many_invoices_use_fewer_draws_and_add_up_all_the_same() -> None:
    found = forecast(Book((), [invoice(n) for n in range(5001)]))
    assert found.metadata.expected == 5001 * Decimal("500.00")
