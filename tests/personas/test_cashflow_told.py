"""Cash forecast: tables, and the figures that each number and the whole rest on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from csuite.personas.cashflow import (
    Assumptions,
    Book,
    Forecast,
    Learned,
    Spell,
    explain_assumptions,
    generate_deal_table,
    generate_forecast_table,
    learn,
    predict_cashflow,
)
from tests.personas.cash import TODAY, ago, deal, history, invoice, invoices


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn(history(), TODAY, Assumptions())


def forecast(book: Book, **more: Any) -> Forecast:
    return predict_cashflow("", 91, "week", book=book, today=TODAY, currency="USD", **more)


def test_the_table_shows_the_periods_and_their_totals() -> None:
    found = forecast(Book([deal(1), deal(2)], [invoice()]))
    table = generate_forecast_table(found)
    assert len(table.rows) == len(found.buckets)
    assert table.rows[0][:2] == ("2026-11-16", "2026-11-22")
    assert table.totals[3:5] == ("2000.00", str(sum(b.paid for b in found.buckets)))
    assert all(len(row) == len(table.columns) for row in (*table.rows, table.totals))
    deals = generate_deal_table(found)
    assert [row[0] for row in deals.rows] == ["I1", "D1", "D2"]
    assert deals.totals[3] == "2500.00"


def test_assumptions_explain_rules_history_and_who_decided(learned: Learned) -> None:
    plain = {step.label: step.value for step in explain_assumptions()}
    assert plain["Production/supplying to invoice"] == "45 days, by rule"
    assert plain["Payment after invoice"] == "37 days, or the due date, by rule"
    assert plain["Deals over 60 days in a stage"] == "moved 14 days, by rule"
    found = forecast(Book([deal(stage="Quoted", entered_on=ago(2))], [invoice()]), learned=learned)
    told = {step.label: step.value for step in explain_assumptions(None, learned, found)}
    assert told["Dates by history"] == "2"
    assert "still running" in told["Quoted to its end"]
    assert told["Customers with a habit of their own"] == "3"
    assert "each adds 13 days" in told["Disputes"]


def test_each_number_names_the_figures_it_rests_on(learned: Learned) -> None:
    found = forecast(
        Book((), [invoice(customer="Slow", disputed=True), invoice(2, customer="Never seen")]), learned=learned
    )
    slow, new = (one.reasoning for one in found.predictions)
    assert "Slow usually pays: " in slow
    assert "paid invoices, weighed against all customers'" in slow
    assert "A dispute (known) adds: " in slow
    assert "Open for: 10 days, so sooner payments are ruled out" in slow
    assert "Customers without a history here usually pay" in new
    assert all(one.payment.on > TODAY + timedelta(days=5) for one in found.predictions)


def test_assumptions_name_drift_payment_days_corrections_and_stages_with_a_history() -> None:
    slower = [
        replace(one, settled_on=one.settled_on + timedelta(days=shift))
        for one in invoices(900)
        if one.settled_on
        for shift in [{5: 2, 6: 1}.get(one.settled_on.weekday(), 0) + 7 * ((one.issued_on - ago(730)).days // 210)]
        if one.settled_on + timedelta(days=shift) <= TODAY
    ]
    orders = [
        Spell(deal=f"P{n}", stage="Order received", entered_on=ago(300 - n), ended_on=ago(270 - n), outcome="reached")
        for n in range(20)
    ]
    known = learn(Book((), slower, orders), TODAY, Assumptions())
    told = {step.label: step.value for step in explain_assumptions(None, known)}
    assert told["Order received to invoice"].startswith("30 days on average of 20 that ended, 0 still running")
    assert told["Order received to invoice"].endswith("the rule would say 10")
    assert told["No payments on"] == "Saturday, Sunday"
    assert told["All customers together"].endswith("days later each month")
    assert told["Ranges corrected by"].endswith("past forecasts")
