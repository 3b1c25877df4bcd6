"""Cash forecast: what a tenant's own history teaches on paying and on stages, and what it must not look at."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from csuite.personas.cashflow import Assumptions, Book, Invoice, Spell, learn, predict_deal_dates
from csuite.personas.cashflow.asof import as_of
from csuite.personas.cashflow.calibration import Calibration, calibration_of
from csuite.personas.cashflow.payments import Payments, fit_payments
from csuite.personas.cashflow.shapes import shape_of
from tests.personas.cash import CUSTOMERS, TERMS, TODAY, ago, deal, history, invoice, invoices, spells

RULES = Assumptions()


def fitted(items: list[Invoice], today: date = TODAY) -> Payments:
    return fit_payments(items, today, RULES.payment_days)


def median(chances: tuple[float, ...]) -> int:
    return next(day for day, chance in enumerate(chances) if chance >= 0.5)


def test_each_customer_s_habit_is_found() -> None:
    payments = fitted(invoices(600))
    for customer, late in CUSTOMERS.items():
        assert payments.habit(customer).late == pytest.approx(late, abs=3)
        assert payments.habit(customer).scatter == pytest.approx(4.5, abs=2)
    assert payments.delay == pytest.approx(15, abs=3)
    assert payments.habit("Slow").dispute == pytest.approx(0.4, abs=0.12)


def test_few_invoices_are_drawn_towards_what_all_customers_do() -> None:
    items = [item for item in invoices(600) if item.customer != "Slow"]
    late = [
        invoice(n, customer="New", issued_on=ago(200 - n), due_on=ago(170 - n), settled_on=ago(110 - n))
        for n in range(12)
    ]
    habits = [fitted(items + late[:count]).habit("New").late for count in (0, 1, 3, 12)]
    assert habits == sorted(habits)
    assert habits[0] < 5
    assert 40 < habits[3] < 60


def test_with_few_invoices_in_all_the_terms_as_agreed_weigh_in() -> None:
    paid = [invoice(n, issued_on=ago(90), due_on=ago(60), settled_on=ago(40)) for n in range(3)]
    assert 0 < fitted(paid).pool.level < 20


def test_open_invoices_keep_recent_payments_from_looking_quick() -> None:
    draw = Random(3)
    items = []
    for number in range(300):
        issued = ago(draw.randrange(1, 60))
        days = draw.randrange(5, 60)
        paid = issued + timedelta(days=days)
        items.append(
            invoice(number, issued_on=issued, due_on=issued + timedelta(30), settled_on=paid if paid <= TODAY else None)
        )
    with_open, without = fitted(items), fitted([item for item in items if item.settled_on])
    assert without.habit("Usual").late < with_open.habit("Usual").late
    truth = 2
    assert abs(with_open.habit("Usual").late - truth) < 0.7 * abs(without.habit("Usual").late - truth)


def test_a_known_dispute_moves_the_payment() -> None:
    payments = fitted(invoices(600))
    plain, disputed = payments.paid_by("Prompt", TERMS), payments.paid_by("Prompt", TERMS, disputed=True)
    assert median(disputed) - median(plain) == pytest.approx(15, abs=4)


def test_customers_who_all_pay_ever_later_are_followed() -> None:
    draw = Random(5)
    items = []
    for number in range(500):
        age = draw.randrange(40, 700)
        paid = round(40 - age / 30 + draw.gauss(0, 2))  # a day later each month
        items.append(invoice(number, issued_on=ago(age), due_on=ago(age - 30), settled_on=ago(age - max(0, paid))))
    payments = fitted(items)
    assert payments.drift * 30 == pytest.approx(1, abs=0.2)
    assert median(payments.paid_by("Usual", TERMS)) == pytest.approx(40, abs=2)


def test_a_weekday_without_payments_gets_none() -> None:
    items = [
        replace(item, settled_on=item.settled_on + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[item.settled_on.weekday()]))
        for item in invoices(600)
        if item.settled_on and item.settled_on < ago(3)
    ]
    learned = learn(Book((), items), TODAY, RULES)
    assert learned.payments.closed_weekdays == {5, 6}
    book = Book([deal(9)], [invoice(n, issued_on=ago(n)) for n in range(14)])
    assert all(
        one.payment.on.weekday() < 5 for one in predict_deal_dates(book, TODAY, "USD", learned=learned).predictions
    )
    assert fitted(invoices(600)).closed_weekdays == frozenset()


def test_an_invoice_open_longer_than_any_before_still_gets_a_date() -> None:
    learned = learn(history(), TODAY, RULES)
    book = Book((), [invoice(issued_on=ago(age), due_on=ago(age - 30)) for age in (300,)])
    one = predict_deal_dates(book, TODAY, "USD", learned=learned).predictions[0]
    assert TODAY < one.payment.on < ago(-120)


def test_odds_that_proved_wrong_are_corrected() -> None:
    drawn = Random(1)
    early = calibration_of([(drawn.random() ** 2, 1.0) for _ in range(2000)])
    assert early.corrected(0.25) == pytest.approx(0.5, abs=0.05)
    assert early.corrected(0) == 0
    assert early.corrected(1) == 1
    assert [early.corrected(n / 50) for n in range(51)] == sorted(early.corrected(n / 50) for n in range(51))
    assert calibration_of([(0.1, 1.0)] * 10) == Calibration()
    assert Calibration().corrected(0.3) == 0.3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_four_in_five_payments_fall_into_the_range_given_before(seed: int) -> None:
    everything, cut = invoices(3000, seed), ago(120)
    payments = fitted(list(as_of(Book((), everything), cut).invoices), cut)
    inside = []
    for item in everything:
        if cut < item.issued_on <= ago(75) and item.settled_on:
            chances = payments.paid_by(item.customer, TERMS)
            days = (item.settled_on - item.issued_on).days
            low = chances[days - 1] if days else 0.0
            inside.append(chances[min(days, len(chances) - 1)] >= 0.1 and low <= 0.9)
    assert len(inside) > 100
    assert 0.74 <= sum(inside) / len(inside) <= 0.9


def test_a_shape_without_residuals_is_a_bell() -> None:
    shape = shape_of([])
    assert shape.below(0) == pytest.approx(0.5, abs=0.03)
    assert shape.below(-9) == 0
    assert shape.below(9) == 1
    assert shape_of([0.0] * 500).below(0.01) > 0.9


@pytest.mark.parametrize("count", [0, 1, 2, 7, 8, 40, 200])
def test_more_history_never_breaks(count: int) -> None:
    book = Book((), invoices(count), spells(count))
    learned = learn(book, TODAY, RULES)
    asked = Book([deal(1, stage="Quoted"), deal(2)], [invoice()])
    found = predict_deal_dates(asked, TODAY, "USD", learned=learned)
    assert {one.id for one in found.predictions} >= {"D2", "I1"}
    enough = learned.payments.count >= RULES.least_history
    assert {one.decided_by for one in found.predictions if one.id == "I1"} == {"history" if enough else "rule"}


def test_history_looks_at_nothing_later_than_its_day() -> None:
    book, cut = history(), ago(200)
    later = [invoice(9000 + n, issued_on=ago(100), settled_on=ago(1)) for n in range(50)]
    known = Book((), [*book.invoices, *later], [*book.spells, Spell(deal="Z", stage="Quoted", entered_on=ago(50))])
    assert learn(known, cut, RULES) == learn(as_of(book, cut), cut, RULES)


def test_what_was_known_on_a_day_hides_payments_disputes_and_endings_after_it() -> None:
    items = [
        invoice(1, settled_on=ago(5), disputed=True),
        invoice(2, settled_on=ago(5), disputed=True, disputed_on=ago(8)),
        invoice(3, disputed=True),
        invoice(4, issued_on=ago(2)),
        invoice(5, settled_on=ago(7), disputed=True),
    ]
    stays = [
        Spell(deal="A", stage="Q", entered_on=ago(20), ended_on=ago(5), outcome="lost"),
        Spell(deal="B", stage="Q", entered_on=ago(2)),
        Spell(deal="C", stage="Q", entered_on=ago(20), ended_on=ago(9), outcome="reached"),
    ]
    known = as_of(Book((), items, stays), ago(6))
    assert [(one.id, one.settled_on, one.disputed) for one in known.invoices] == [
        ("I1", None, False),
        ("I2", None, True),
        ("I3", None, True),
        ("I5", ago(7), True),
    ]
    assert [(one.deal, one.ended_on) for one in known.spells] == [("A", None), ("C", ago(9))]


def test_credit_notes_doubles_and_absurd_times_do_not_teach() -> None:
    items = invoices(300)
    odd = [
        *items[:20],  # again
        *(invoice(n, amount=Decimal(-5), issued_on=ago(400), settled_on=ago(10)) for n in range(50)),
    ]
    assert fitted(items + odd) == fitted(items)
    absurd = [invoice(1, issued_on=date(1999, 1, 1), due_on=date(1998, 1, 1), settled_on=ago(1))]
    assert fitted(items + absurd).habit("Prompt").late == pytest.approx(-8, abs=3)


def test_the_order_of_the_rows_changes_nothing() -> None:
    book = history()
    mixed = Book((), Random(1).sample(list(book.invoices), 400), Random(1).sample(list(book.spells), 400))
    one, other = learn(book, TODAY, RULES), learn(mixed, TODAY, RULES)
    assert one == other


def test_records_that_ended_long_ago_still_teach() -> None:
    items, later = invoices(600), TODAY + timedelta(days=3000)
    now, then = fitted(items), fitted(items, later)
    for customer in CUSTOMERS:
        assert then.habit(customer).late == pytest.approx(now.habit(customer).late, abs=2.5)
    assert median(then.paid_by("Slow", TERMS)) == pytest.approx(median(now.paid_by("Slow", TERMS)), abs=3)
