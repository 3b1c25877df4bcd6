"""Cash forecast: the rules and their figures, a person's dates, what a model reads in notes."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from csuite.personas.cashflow import Assumptions, Book, Deal, Hint, Override, Predicted, Prediction, predict_deal_dates
from tests.personas.cash import TODAY, ago, deal, invoice


def predicted(*deals: Deal, **more: Any) -> Predicted:
    return predict_deal_dates(Book(deals), TODAY, "USD", **more)


def first(*deals: Deal, **more: Any) -> Prediction:
    return predicted(*deals, **more).predictions[0]


def test_the_rules_start_from_the_figures_everybody_agreed_on() -> None:
    rules = Assumptions()
    figures = [
        rules.cycle(name) for name in ("order received", "under progress", "awaiting GR", "production/supplying")
    ]
    assert figures == [10, 22, 5, 45]
    assert (rules.payment_days, rules.long_stay_days, rules.long_stay_delay, rules.low_confidence) == (37, 60, 14, 0.4)


@pytest.mark.parametrize(
    ("stage", "days"),
    [
        ("Order received", 10),
        ("UNDER_PROGRESS", 22),
        ("Awaiting GR", 5),
        ("Awaiting  goods receipt", 5),
        ("Production", 45),
        ("supplying", 45),
        ("Production/Supplying", 45),
        ("Won", 10),
    ],
)
def test_a_deal_is_invoiced_a_cycle_after_entering_its_stage_and_paid_37_days_later(stage: str, days: int) -> None:
    one = first(deal(stage=stage, entered_on=ago(3)))
    assert one.invoice.on == ago(3) + timedelta(days=days)
    assert one.payment.on == one.invoice.on + timedelta(days=37)
    assert (one.invoice.decided_by, one.decided_by) == ("rule", "rule")
    assert f"Cycle time: {days} days" in one.reasoning
    assert one.invoice.low <= one.invoice.on <= one.invoice.high


def test_an_invoiced_deal_was_invoiced_the_day_it_came_into_that_stage() -> None:
    one = first(deal(stage="Invoiced", entered_on=ago(12)))
    assert one.invoice.on == ago(12)
    assert one.payment.on == ago(12) + timedelta(days=37)
    assert one.warnings == ()


def test_over_60_days_in_a_stage_add_14() -> None:
    late, later = (
        first(deal(stage="Production", entered_on=ago(60))),
        first(deal(stage="Production", entered_on=ago(61))),
    )
    assert late.invoice.on == TODAY + timedelta(days=1)
    assert later.invoice.on == TODAY + timedelta(days=15)
    assert "61 days in its stage, over 60: +14 days" in later.reasoning
    assert later.confidence < late.confidence


def test_a_long_cycle_that_is_not_over_yet_still_moves_by_14() -> None:
    rules = Assumptions(cycle_days={"refit": 90})
    one = first(deal(stage="Refit", entered_on=ago(65)), assumptions=rules)
    assert one.invoice.on == ago(65) + timedelta(days=104)


def test_a_deal_whose_day_has_passed_is_invoiced_tomorrow_at_the_earliest() -> None:
    one = first(deal(entered_on=ago(30)))
    assert one.invoice.on == TODAY + timedelta(days=1)
    assert "That day has passed" in one.reasoning


def test_without_an_entry_date_confidence_is_low_and_the_stage_average_counts_from_today() -> None:
    one = first(deal(entered_on=None))
    assert one.invoice.on == TODAY + timedelta(days=10)
    assert one.confidence < 0.4
    assert "Stage average: 10 days" in one.reasoning


def test_an_open_invoice_is_due_by_its_terms_or_37_days_after_its_issue() -> None:
    found = predict_deal_dates(Book((), [invoice(1), invoice(2, due_on=None)]), TODAY, "USD").predictions
    assert [one.payment.on for one in found] == [ago(-20), ago(10) + timedelta(days=37)]
    assert [one.invoice.on for one in found] == [ago(10), ago(10)]


@pytest.mark.parametrize(("age", "ahead"), [(60, 1), (61, 15)])
def test_an_overdue_invoice_is_expected_tomorrow_and_after_60_days_14_later(age: int, ahead: int) -> None:
    book = Book((), [invoice(issued_on=ago(age), due_on=ago(age - 30))])
    assert predict_deal_dates(book, TODAY, "USD").predictions[0].payment.on == TODAY + timedelta(days=ahead)


def test_a_person_s_dates_win_and_say_so() -> None:
    set_by = Override(
        invoice_on=ago(-9), payment_on=ago(-70), by="P. Nair", set_on=ago(1), reason="agreed on the telephone"
    )
    one = first(
        deal(notes=("soon",)), overrides={"D1": set_by}, hints=reading(D1=Hint(invoice_on=ago(-5), confidence=0.9))
    )
    assert (one.invoice.on, one.payment.on) == (ago(-9), ago(-70))
    assert (one.invoice.low, one.invoice.high) == (ago(-9), ago(-9))
    assert one.decided_by == one.invoice.decided_by == "person"
    assert one.confidence == 1
    assert "Invoice set by P. Nair on 19 Nov 2026: 29 Nov 2026; Reason: agreed on the telephone" in one.reasoning


def test_a_person_s_payment_date_brings_the_invoice_forward() -> None:
    one = first(deal(stage="Production"), overrides={"D1": Override(payment_on=ago(-4))})
    assert one.payment.on == ago(-4)
    assert one.invoice.on <= one.payment.on
    assert "Moved forward" in one.reasoning


def test_a_person_s_date_for_an_open_invoice_wins() -> None:
    found = predict_deal_dates(Book((), [invoice()]), TODAY, "USD", overrides={"I1": Override(payment_on=ago(-3))})
    assert found.predictions[0].payment.on == ago(-3)
    assert found.predictions[0].decided_by == "person"


def test_a_person_s_date_that_has_passed_wins_no_more_and_is_warned_about() -> None:
    one = first(deal(), overrides={"D1": Override(invoice_on=ago(1), payment_on=ago(0), by="Priya")})
    assert one.invoice.on == ago(3) + timedelta(days=10)
    assert [text for text in one.warnings if "set by Priya" in text and "has passed" in text] == list(one.warnings)
    assert len(one.warnings) == 2


def test_a_person_may_correct_when_an_invoice_was_issued() -> None:
    one = first(deal(stage="Invoiced", entered_on=ago(12)), overrides={"D1": Override(invoice_on=ago(20))})
    assert one.payment.on == ago(20) + timedelta(days=37)


def reading(**hints: Any) -> Any:
    return lambda deals, known: hints


def test_a_model_s_dates_from_the_notes_decide_from_a_confidence_of_040() -> None:
    hint = Hint(invoice_on=ago(-20), payment_on=ago(-50), confidence=0.4, reasoning="“invoice on 10 December”")
    one = first(deal(notes=("invoice on 10 December",)), hints=reading(D1=hint))
    assert (one.invoice.on, one.payment.on) == (ago(-20), ago(-50))
    assert one.decided_by == "model"
    assert one.confidence == 0.4
    assert "“invoice on 10 December”" in one.reasoning


@pytest.mark.parametrize(
    ("hint", "warning"),
    [
        (Hint(invoice_on=ago(-20), confidence=0.39), "confidence 0.39, under 0.4"),
        (Hint(payment_on=ago(-80), confidence=0.1), "confidence 0.10, under 0.4"),
        (Hint(invoice_on=TODAY, confidence=0.9), "is not after today; not used"),
        (Hint(invoice_on=ago(-366), confidence=0.9), "is more than a year away; not used"),
        (Hint(payment_on=ago(0), confidence=0.9), "is not after today; not used"),
        (Hint(payment_on=ago(-2), confidence=0.9), "lies before the invoice; not used"),
    ],
)
def test_a_model_s_date_that_is_unsure_or_insane_is_not_used(hint: Hint, warning: str) -> None:
    one = first(deal(notes=("a note",)), hints=reading(D1=hint))
    plain = first(deal())
    assert (one.invoice.on, one.payment.on, one.decided_by) == (plain.invoice.on, plain.payment.on, "rule")
    assert warning in one.warnings[0]


def test_a_model_that_fails_costs_its_hints_alone() -> None:
    def fails(deals: Sequence[Deal], known: Mapping[str, Prediction]) -> Mapping[str, Hint]:
        raise TimeoutError

    found = predicted(deal(1, notes=("a note",)), deal(2), hints=fails)
    assert [one.decided_by for one in found.predictions] == ["rule", "rule"]
    assert found.partial
    assert found.warnings == ("the model could not read the notes of 1 deals (TimeoutError): without it",)


def test_a_model_that_answers_in_part_leaves_the_rest_to_the_rules() -> None:
    deals = [deal(number, notes=("a note",)) for number in (1, 2, 3)]
    hints = reading(D1=Hint(invoice_on=ago(-20), confidence=0.8), D2="nonsense")
    found = predicted(*deals, hints=hints)
    assert [one.invoice.decided_by for one in found.predictions] == ["model", "rule", "rule"]
    assert found.partial
    assert found.warnings[0].startswith("the model read the notes of 1 of 3 deals")


def test_a_model_is_shown_deals_with_notes_and_what_the_rules_say() -> None:
    asked: list[tuple[list[str], dict[str, date]]] = []

    def listens(deals: Sequence[Deal], known: Mapping[str, Prediction]) -> Mapping[str, Hint]:
        asked.append(([one.id for one in deals], {key: one.invoice.on for key, one in known.items()}))
        return {}

    predicted(deal(1), deal(2, notes=("a note",)), deal(3, notes=(" ",)), hints=listens)
    day = ago(3) + timedelta(days=10)
    assert asked == [(["D2"], {"D2": day})]


def test_a_model_may_date_a_deal_that_no_rule_knows() -> None:
    one = first(deal(stage="Qualified", notes=("x",)), hints=reading(D1=Hint(invoice_on=ago(-30), confidence=0.7)))
    assert one.invoice.on == ago(-30)


def test_a_deal_in_a_stage_nobody_knows_is_left_out_with_the_reason() -> None:
    found = predicted(deal(stage="Qualified"))
    assert found.predictions == ()
    assert "no rule and no history for the stage “Qualified”" in found.left_out[0].reason


def test_the_sales_team_s_order_date_and_chance_serve_where_nothing_else_does() -> None:
    one = first(deal(stage="Quoted", closes_on=ago(-20), chance=0.25))
    assert one.invoice.on == TODAY + timedelta(days=30)
    assert one.chance == 0.25
    assert "Chance: 25%" in one.reasoning
    sure, never = (
        first(deal(stage="Quoted", closes_on=ago(-20))),
        first(deal(stage="Quoted", closes_on=ago(5), chance=0.0)),
    )
    assert (sure.chance, never.chance) == (1.0, 0.0)


def test_an_invoice_more_than_a_year_away_is_warned_about() -> None:
    one = first(deal(), overrides={"D1": Override(invoice_on=ago(-400))})
    assert one.warnings == ("its invoice is more than a year away",)
    assert one.invoice.on == ago(-400)
