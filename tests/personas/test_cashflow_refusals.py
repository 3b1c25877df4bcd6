"""Cash forecast: values that no forecast can be built on are refused by the name of their field."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from csuite.personas.cashflow import BadFact, Book, Hint, Override, Spell, predict_cashflow, predict_deal_dates
from tests.personas.cash import TODAY, ago, deal, invoice


@pytest.mark.parametrize(
    ("days", "granularity", "least", "text"),
    [
        (0, "week", 0, "horizon_days must lie between 1 and 1095, not 0"),
        (9999, "week", 0, "not 9999"),
        (2.5, "week", 0, "horizon_days must be a whole number, not float"),
        (True, "week", 0, "horizon_days must be a whole number, not bool"),
        (90, "day", 0, "granularity must be one of week, month, not 'day'"),
        (90, "month", 1.5, "least_confidence must lie between 0 and 1"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_plain_words(
    days: Any, granularity: Any, least: Any, text: str
) -> None:
    with pytest.raises(BadFact, match=text):
        predict_cashflow("", days, granularity, book=Book(), today=TODAY, currency="USD", least_confidence=least)


@pytest.mark.parametrize(
    ("kind", "fields", "text"),
    [
        (deal, {"value": 12.5}, "Deal.value must be a Decimal, not float"),
        (deal, {"value": Decimal("NaN")}, "Deal.value is not a finite amount"),
        (deal, {"id": " "}, "Deal.id is empty"),
        (deal, {"stage": None}, "Deal.stage must be text, not NoneType"),
        (deal, {"entered_on": "2026-11-20"}, "Deal.entered_on must be a date, not str"),
        (deal, {"entered_on": datetime(2026, 11, 20, 23, 30)}, "Deal.entered_on is a moment; give the day"),
        (deal, {"chance": 1.2}, "Deal.chance must lie between 0 and 1"),
        (deal, {"chance": "high"}, "Deal.chance must be a number"),
        (deal, {"notes": "one text"}, "Deal.notes must be a tuple of texts"),
        (invoice, {"issued_on": None}, "Invoice.issued_on must be a date"),
        (invoice, {"amount": None}, "Invoice.amount must be a Decimal"),
        (invoice, {"disputed": "Yes"}, "Invoice.disputed must be true or false, not str"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_the_name_of_its_field(kind: Any, fields: Any, text: str) -> None:
    with pytest.raises(BadFact, match=text):
        kind(**fields)


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda: Spell(deal="S", stage="Q", entered_on=ago(9), ended_on=ago(2)), "come together"),
        (
            lambda: Spell(deal="S", stage="Q", entered_on=ago(2), ended_on=ago(9), outcome="lost"),
            "ends before it begins",
        ),
        (lambda: Spell(deal="S", stage="Q", entered_on=ago(9), ended_on=ago(2), outcome="x"), "must be one of reached"),  # type: ignore[arg-type]
        (lambda: Override(invoice_on=ago(1), payment_on=ago(2)), "payment_on lies before Override.invoice_on"),
        (lambda: Hint(confidence=float("nan")), "Hint.confidence must lie between 0 and 1"),
        (lambda: Book([invoice()]), "Book.deals holds Invoice, not Deal"),  # type: ignore[list-item]
        (lambda: predict_deal_dates(Book(), TODAY, "USD", overrides={"D1": ago(1)}), "overrides map ids to Override"),  # type: ignore[dict-item]
        (lambda: predict_deal_dates(Book(), datetime(2026, 11, 20), "USD"), "today must be a day"),
    ],
)
def test_facts_that_contradict_themselves_are_refused(build: Any, text: str) -> None:
    with pytest.raises(BadFact, match=text):
        build()
