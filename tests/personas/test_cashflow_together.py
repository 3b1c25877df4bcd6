"""What moves together: learned from the company's own past errors, and what it does to ranges."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from csuite.personas.cashflow import Assumptions, Book, Invoice, Learned, Override, Selling, learn, predict_cashflow
from csuite.personas.cashflow.swings import swings
from csuite.personas.cashflow.together import Off, pace_of, shift_of
from tests.personas.cash import TODAY, ago, deal, history, invoice, spells


def past(together: float, seed: int = 3, weeks: int = 80) -> list[Off]:
    """Ten payments a week, off by 4 days each of their own and by so many together."""
    draw = Random(seed)
    luck = [draw.gauss(0, together) for _ in range(weeks)]
    return [Off(week, luck[week] + draw.gauss(0, 4)) for week in range(weeks) for _ in range(10)]


@pytest.mark.parametrize("together", [3.0, 6.0])
def test_weeks_that_come_late_together_are_found(together: float) -> None:
    shift, weeks = shift_of(past(together))
    assert weeks == 80
    assert together * 0.75 < shift < together * 1.25


def test_payments_that_have_nothing_in_common_share_no_luck() -> None:
    assert shift_of(past(0.0))[0] < 1.0
    assert shift_of(past(6.0)[:70]) == (0.0, 0)  # seven weeks say nothing
    assert shift_of([Off(week, float(week % 5)) for week in range(20)]) == (0.0, 0)  # one payment each
    assert shift_of([]) == (0.0, 0)


def test_months_that_swing_more_than_chance_are_found() -> None:
    assert pace_of([(100, 100), (140, 100), (60, 100), (130, 100), (70, 100)]) == pytest.approx(0.33, abs=0.05)
    assert pace_of([(100, 100), (103, 100), (97, 100), (101, 100)]) == 0.0
    assert pace_of([(100, 100), (10, 100)]) == 0.0  # too few
    assert pace_of([(0, 10), (0, 10), (0, 10), (0, 10)]) == 0.0


def moved(learned: Learned, shift: float, pace: float = 0.0) -> Learned:
    stays = {name: replace(stay, pace=pace) for name, stay in learned.stays.items()}
    return replace(learned, payments=replace(learned.payments, shift=shift), stays=stays)


@pytest.fixture(scope="module")
def learned() -> Learned:
    return learn(history(), TODAY, Assumptions())


def test_shared_luck_widens_the_range_and_leaves_the_expected_money(learned: Learned) -> None:
    bills = [invoice(n, issued_on=ago(25), due_on=ago(-5), customer="Prompt") for n in range(60)]
    book = Book([deal(n, stage="Quoted", entered_on=ago(n % 50)) for n in range(60)], bills)

    def asked(known: Learned) -> list[tuple[Decimal, Decimal]]:
        found = predict_cashflow("", 91, "week", book=book, today=TODAY, currency="USD", learned=known)
        return [(one.paid, one.high - one.low) for one in found.buckets]

    alone, together, deals = asked(moved(learned, 0)), asked(moved(learned, 5)), asked(moved(learned, 0, 0.8))
    assert [paid for paid, _ in alone] == [paid for paid, _ in together] == [paid for paid, _ in deals]
    assert sum(width for _, width in together) > sum(width for _, width in alone)
    assert sum(width for _, width in deals) > sum(width for _, width in alone)


def test_luck_is_even_and_nothing_comes_before_tomorrow(learned: Learned) -> None:
    found = swings(moved(learned, 5, 0.5), 400, 27, "seed")
    assert [sum(week) for week in found.weeks] == [0] * 4
    assert sum(found.stages["quoted"]) / 400 == pytest.approx(1, abs=0.03)
    assert min(found.day(2, course) for course in range(400)) == 1
    assert swings(moved(learned, 5), 400, 27, "seed") == swings(moved(learned, 5), 400, 27, "seed")
    assert swings(None, 400, 27, "seed").weeks == ()


def test_late_weeks_in_invoices_are_learned() -> None:
    draw, made = Random(5), []
    luck: dict[int, int] = {}
    for number in range(900):
        issued = ago(30 + draw.randrange(500))
        due = issued + timedelta(days=30)
        late = luck.setdefault(due.toordinal() // 7, round(draw.gauss(0, 6))) + round(draw.gauss(0, 2))
        settled = due + timedelta(days=late)
        made.append(
            Invoice(
                id=str(number), customer=f"C{number % 7}", amount=Decimal(10), currency="USD", issued_on=issued,
                due_on=due, settled_on=settled if settled <= TODAY else None,
            )
        )  # fmt: skip
    payments = learn(Book((), made), TODAY, Assumptions()).payments
    assert payments.weeks > 40
    assert 3.5 < payments.shift < 8


def one(
    book: Book, overrides: dict[str, Override] | None = None, rules: Assumptions | None = None
) -> tuple[object, ...]:
    found = predict_cashflow(
        "", 91, "week", book=book, today=TODAY, currency="USD", overrides=overrides, assumptions=rules
    )
    (first,) = found.predictions
    return first.value, first.chance, first.reasoning, found.metadata.expected


def test_an_amount_and_a_chance_set_by_hand_count_and_are_told() -> None:
    said = Override(amount=Decimal("400"), chance=0.25, by="Elena", set_on=TODAY, reason="They cut the order")
    value, chance, told, expected = one(Book([deal()]), {"deal:D1": said})
    assert (value, chance, expected) == (Decimal("400"), 0.25, Decimal("100.00"))
    assert "Amount set by Elena on 20 Nov 2026: 400 USD, not 1,000.00" in str(told)
    assert "Chance set by Elena on 20 Nov 2026: 25%, not 100%" in str(told)
    assert "Reason: They cut the order" in str(told)
    value, chance, _, expected = one(Book((), [invoice()]), {"invoice:I1": said})
    assert (value, chance, expected) == (Decimal("400"), 0.25, Decimal("100.00"))


def test_a_deal_and_an_invoice_of_the_same_id_have_overrides_of_their_own() -> None:
    said = Override(payment_on=date(2027, 1, 8), by="Elena")
    book = Book([deal(id="7")], [invoice(id="7")])
    found = predict_cashflow("", 91, "week", book=book, today=TODAY, currency="USD", overrides={"invoice:7": said})
    dates = {one.kind: one.payment.on for one in found.predictions}
    assert dates["invoice"] == date(2027, 1, 8)
    assert dates["deal"] != date(2027, 1, 8)


def test_what_a_prediction_brings_to_each_period_adds_up() -> None:
    found = predict_cashflow("", 91, "week", book=Book([deal()], [invoice()]), today=TODAY, currency="USD")
    for place, bucket in enumerate(found.buckets):
        assert abs(sum(shares[place] for shares in found.shares.values()) - bucket.paid) < Decimal("0.01")


RULES = Assumptions(selling={"quoted": Selling(30, 0.5)})


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"entered_on": ago(10)}, "an order after 30 days, no date was said"),
        ({"entered_on": ago(45)}, "45 days in its stage: that day has passed, so the default counts from today"),
        ({"entered_on": None}, "Chance: 50%, the stage's default"),
        ({"chance": 0.5}, "Chance: 50%"),
        ({"closes_on": ago(-20)}, "Chance: not said, 50% as the stage's default"),
    ],
)
def test_a_stage_of_selling_without_history_has_a_default_and_says_so(fields: dict[str, Any], told: str) -> None:
    _, chance, reasons, _ = one(Book([deal(stage="Quoted", **fields)]), rules=RULES)
    assert chance == 0.5
    assert told in str(reasons)


def test_a_payment_set_by_hand_brings_a_deal_back_that_nothing_else_foretells() -> None:
    book = Book([deal(stage="Unheard of")])
    said = Override(payment_on=TODAY + timedelta(days=60), by="Elena")
    _, chance, told, expected = one(book, {"D1": said})
    assert (chance, expected) == (1.0, Decimal("1000.00"))
    assert "by the usual terms before the payment" in str(told)


def test_a_chance_for_what_was_never_paid_asks_for_a_date() -> None:
    ended = [replace(spell, ended_on=spell.entered_on, outcome="lost") for spell in spells(60)]
    known = learn(Book((), (), ended), TODAY, Assumptions())
    book, said = Book([deal(stage="Quoted", chance=0.0)]), {"D1": Override(chance=0.5, by="Elena")}
    found = predict_cashflow("", 91, "week", book=book, today=TODAY, currency="USD", overrides=said, assumptions=RULES)
    assert found.predictions[0].chance == 0.0
    assert "set a payment date too" in found.metadata.warnings[0]
    assert known.stays["quoted"].pace == 0.0
