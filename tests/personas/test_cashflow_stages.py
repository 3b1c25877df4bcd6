"""Cash forecast: how long deals stay in a stage, by age, quarter and customer, and what becomes of open ones."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from csuite.personas.cashflow import Assumptions, Book, Override, Spell, learn, predict_deal_dates
from csuite.personas.cashflow.stays import Stay, fit_stays
from tests.personas.cash import TODAY, ago, deal, spells

RULES = Assumptions()


def ahead(stay: Stay, age: int, days: int = 365) -> list[tuple[float, float]]:
    return stay.ahead(TODAY - timedelta(days=age), TODAY, days)


def test_two_usual_times_in_a_stage_are_both_kept() -> None:
    stay = fit_stays(spells(1500), TODAY)["Quoted"]
    new = [ends for ends, _ in ahead(stay, 0)]
    assert sum(new[5:15]) > 0.3
    assert sum(new[20:38]) < 0.05
    assert sum(new[40:80]) > 0.3
    assert 0.6 < sum(stay.reach) / 3 < 0.73


def test_a_deal_older_than_a_usual_time_waits_for_the_other() -> None:
    stay = fit_stays(spells(1500), TODAY)["Quoted"]
    old = [ends for ends, _ in ahead(stay, 25)]
    assert sum(old[:10]) < 0.05
    assert sum(old[15:60]) > 0.6


def test_deals_that_never_end_leave_doubt_that_grows_with_age() -> None:
    stay = fit_stays(spells(1500), TODAY)["Quoted"]
    chances = [sum(ends for ends, _ in ahead(stay, age)) for age in (1, 70, 150)]
    assert chances == sorted(chances, reverse=True)
    assert chances[2] < 0.3


def test_records_that_begin_late_do_not_make_old_stays_look_endless() -> None:
    whole, begun = spells(3000), ago(200)
    kept = [spell for spell in whole if spell.ended_on is None or spell.ended_on >= begun]
    one, other = fit_stays(whole, TODAY)["Quoted"], fit_stays(kept, TODAY)["Quoted"]
    assert sum(e for e, _ in ahead(other, 1, 40)) == pytest.approx(sum(e for e, _ in ahead(one, 1, 40)), abs=0.06)


def quarterly(closes: bool) -> list[Spell]:
    """Deals older than two weeks that end in the last month of a quarter alone, if `closes`."""
    draw, found = Random(2), []
    for number in range(1500):
        entered = ago(draw.randrange(1, 720))
        ended = entered + timedelta(days=draw.randrange(15, 75))
        while closes and ended.month % 3:
            ended += timedelta(days=1 + draw.randrange(25))
        done = ended <= TODAY
        found.append(
            Spell(
                deal=f"Q{number}",
                stage="Quoted",
                entered_on=entered,
                ended_on=ended if done else None,
                outcome="reached" if done else None,
            )
        )
    return found


def test_teams_that_close_by_the_quarter_are_recognized_and_others_are_not() -> None:
    stay, steady = (fit_stays(quarterly(closes), TODAY)["Quoted"] for closes in (True, False))
    assert (stay.quarterly, steady.quarterly) == (True, False)
    soon = stay.ahead(ago(30), TODAY, 60)  # from 21 November: little, then December
    assert sum(ends for ends, _ in soon[:10]) < 0.05
    assert sum(ends for ends, _ in soon[10:41]) > 0.5


def test_a_customer_who_takes_longer_is_told_from_the_others_when_there_is_enough() -> None:
    draw, found = Random(4), []
    for number in range(900):
        customer = ("Quick", "Usual", "Slow")[number % 3]
        entered = ago(draw.randrange(130, 600))
        ended = entered + timedelta(days=round(draw.expovariate(1 / {"Quick": 10, "Usual": 25, "Slow": 60}[customer])))
        done = ended <= TODAY
        found.append(
            Spell(
                deal=f"F{number}",
                stage="Quoted",
                customer=customer,
                entered_on=entered,
                ended_on=ended if done else None,
                outcome="reached" if done else None,
            )
        )
    factors = fit_stays(found, TODAY)["Quoted"].factors
    assert factors["Quick"] > 1.5 * factors["Usual"] > 1.5 * factors["Slow"]
    assert fit_stays([replace(s, customer="") for s in found], TODAY)["Quoted"].factors == {}


def delivered(count: int = 60) -> list[Spell]:
    return [
        Spell(deal=f"P{n}", stage="Order received", entered_on=ago(300 - n), ended_on=ago(270 - n), outcome="reached")
        for n in range(count)
    ]


def test_a_stage_s_own_history_replaces_its_rule() -> None:
    learned = learn(Book((), (), delivered()), TODAY, RULES)
    one = predict_deal_dates(Book([deal(entered_on=ago(5))]), TODAY, "USD", learned=learned).predictions[0]
    assert one.invoice.decided_by == "history"
    assert abs((one.invoice.on - ago(-25)).days) <= 2
    assert one.decided_by == "rule"  # nobody has paid yet
    few = learn(Book((), (), delivered(7)), TODAY, RULES)
    assert predict_deal_dates(Book([deal()]), TODAY, "USD", learned=few).predictions[0].invoice.decided_by == "rule"


def test_an_unknown_entry_date_takes_the_stage_s_average_from_history() -> None:
    learned = learn(Book((), (), delivered()), TODAY, RULES)
    one = predict_deal_dates(Book([deal(entered_on=None)]), TODAY, "USD", learned=learned).predictions[0]
    assert one.invoice.on == ago(-30)


def test_a_deal_that_is_still_sold_goes_through_the_order_to_its_invoice() -> None:
    learned = learn(Book((), (), spells(1500)), TODAY, RULES)
    book = Book([deal(1, stage="Quoted", entered_on=ago(1)), deal(2, stage="Quoted", entered_on=ago(1), chance=0.9)])
    said, sure = predict_deal_dates(book, TODAY, "USD", learned=learned).predictions
    assert 0.4 < said.chance < 0.65
    assert sure.chance == pytest.approx(0.9, abs=0.01)
    assert "Won within a year: 90%, said by the sales team" in sure.reasoning
    assert "From the order to the invoice: 10 days" in said.reasoning
    both = learn(Book((), (), [*spells(1500), *delivered()]), TODAY, RULES)
    later = predict_deal_dates(book, TODAY, "USD", learned=both).predictions[0]
    assert later.payment.on > said.payment.on
    assert "From the order to the invoice: 30 days on average so far" in later.reasoning


def test_a_deal_that_outlived_all_others_is_left_out_and_said_so() -> None:
    learned = learn(Book((), (), delivered()), TODAY, RULES)
    found = predict_deal_dates(Book([deal(entered_on=ago(290), chance=0.0)]), TODAY, "USD", learned=learned)
    assert found.left_out[0].reason == "290 days in Order received: no deal as old as this one has moved on"
    dated = predict_deal_dates(
        Book([deal(entered_on=ago(290), chance=0.0)]),
        TODAY,
        "USD",
        learned=learned,
        overrides={"D1": Override(invoice_on=ago(-3))},
    )
    assert dated.predictions[0].invoice.on == ago(-3)


def test_silence_after_the_records_is_not_taken_for_stays_that_never_end() -> None:
    items = spells(1500)
    now, later = (fit_stays(items, TODAY + timedelta(days=days))["Quoted"] for days in (0, 3000))
    for age in (1, 25, 70):
        assert sum(later.daily[0][age : age + 30]) == pytest.approx(sum(now.daily[0][age : age + 30]), rel=0.2)
