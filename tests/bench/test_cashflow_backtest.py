"""The backtest of the cash forecast: on records of our own, drawn from a fixed seed into the files it reads."""

import csv
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench import cash_deals, cash_payments, cash_records
from bench.cashflow import cash_lines, cashflow

INVOICES = ("invoice", "customer", "country", "invoiced_on", "due_on", "amount", "disputed", "settled_on")
DEALS = ("deal_id", "owner", "product", "account", "engaged_on", "stage", "closed_on", "value")


def write(path: Path, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


@pytest.fixture
def receivables(tmp_path: Path) -> Path:
    """1,500 invoices of 40 customers who pay 15 days before to 15 after the due date; some dispute much."""
    draw, rows = Random(1), []
    late = [draw.uniform(-15, 15) for _ in range(40)]
    disputes = [draw.choice([0.0, 0.1, 0.5]) for _ in range(40)]
    for number in range(1500):
        who = draw.randrange(40)
        issued = date(2012, 1, 1) + timedelta(days=draw.randrange(540))
        disputed = draw.random() < disputes[who]
        days = max(0, round(30 + late[who] + 12 * disputed + draw.gauss(0, 4)))
        due, settled = issued + timedelta(days=30), issued + timedelta(days=days)
        amount, flag = draw.randrange(50, 5000), "Yes" if disputed else "No"
        rows.append((f"N{number}", f"C{who}", "", issued, due, amount, flag, settled))
    return write(tmp_path / "receivables.csv", INVOICES, rows)


@pytest.fixture
def deals(tmp_path: Path) -> Path:
    """1,500 deals that close after about 8 or about 70 days, or never; records end on 30 September 2017."""
    draw, end = Random(1), date(2017, 9, 30)
    rows: list[tuple[Any, ...]] = []
    for number in range(1500):
        engaged = date(2016, 11, 1) + timedelta(days=draw.randrange(330))
        closed = engaged + timedelta(days=max(1, round(draw.gauss(*draw.choice([(8, 3), (70, 15)])))))
        done = draw.random() < 0.85 and closed <= end
        stage = draw.choice(["Won", "Won", "Lost"]) if done else "Engaging"
        rows.append((f"D{number}", "", "", "", engaged, stage, closed if done else "", 100 if done else ""))
    rows.append(("P", "", "", "", "", "Prospecting", "", ""))
    return write(tmp_path / "crm" / "deals.csv", DEALS, rows)


def test_payment_dates_beat_every_simple_way_and_ranges_hold(receivables: Path) -> None:
    found = cash_payments.backtest(cash_records.invoices(receivables))
    for figures in (found["tried"]["at issue"], found["tried"]["open"]):
        assert figures["csuite"] < min(figures[name] for name in ("fixed 37", "due date", "customer median"))
        assert figures["better_by"] > 0
        assert 0.75 <= figures["coverage"] <= 0.88
    cash = found["tried"]["cash by week"]
    assert cash["csuite"] < min(cash["fixed 37"], cash["due date"], cash["customer median"])


def test_closing_dates_beat_the_past_days_where_deals_never_close(deals: Path) -> None:
    found = cash_deals.backtest(cash_records.spells(deals))["tried"]
    for which in ("new, all", "open, all"):
        assert found[which]["csuite"]["pinball"] < found[which]["past days"]["pinball"]
        assert found[which]["past days"]["pinball"] < found[which]["past median"]["pinball"]
    count = found["open deals that close by the end"]
    assert count["foretold"] == pytest.approx(count["came"], rel=0.2)


def test_later_records_bring_later_cut_offs() -> None:
    tried, last = cash_records.cut_offs(date(2012, 1, 3), date(2012, 9, 29), 5, 2)
    assert (tried, last) == ([date(2012, 6, 30)], date(2012, 8, 31))
    tried, last = cash_records.cut_offs(date(2012, 1, 3), date(2013, 1, 1), 5, 2)
    assert (tried[-1], last) == (date(2012, 10, 31), date(2012, 12, 31))
    with pytest.raises(ValueError, match="too few months"):
        cash_records.cut_offs(date(2012, 1, 3), date(2012, 5, 1), 5, 2)


def test_the_pinball_loss_weighs_both_sides_by_the_level() -> None:
    assert cash_deals.pinball(10, [10] * 5) == 0
    assert cash_deals.pinball(20, [10] * 5) == pytest.approx(10 * (0.1 + 0.25 + 0.5 + 0.75 + 0.9) / 5)
    assert cash_deals.pinball(0, [10, 0, 0, 0, 0]) == pytest.approx(10 * 0.9 / 5)


def test_records_that_are_absent_are_left_out_with_a_word(
    tmp_path: Path, deals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSUITE_DATA", str(tmp_path))
    said: list[str] = []
    found = cashflow(said.append)
    assert said == ["cashflow: no receivables.csv in the folder that CSUITE_DATA names: its dates are left out"]
    assert set(found) == {"closing", "fit"}
    lines = cash_lines(found)
    assert any(line.startswith("closing, the last cut-off") for line in lines)
    assert lines[-1].startswith("learning from 100,000 invoices")
