"""Backtest of closing dates: train on what was known at the end of a day, foretell, compare with what came.

Won or lost is not known beforehand. Two settings for each cut-off: deals engaged in the 30 days after it, and deals
open at it. Records end on a day; a deal not closed by then counts as closed after it, and quantiles beyond are cut to
that day, which is fair to every way of foretelling (`all`). `closed` looks at those that did close, with quantiles
given that a deal closes within a year; records that end soon leave its slow ones out, and flatter whoever says "soon".
`closed by the end` looks at the same deals with every way told that they close before the records end. Yardsticks:
the days of all deals closed so far (for an open deal, of those that took longer than it has), and their median alone.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import mean
from typing import Any

from bench.cash_records import cut_offs
from csuite.personas.cashflow import Book, Spell
from csuite.personas.cashflow.asof import as_of
from csuite.personas.cashflow.chances import TAIL, at, from_chances, range_of
from csuite.personas.cashflow.predicting import DRAWS
from csuite.personas.cashflow.stays import Stay, fit_stays

EARLY, STEP = 2, 1  # months from the first closing to the first cut-off, and between cut-offs
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
NEW = timedelta(days=30)
YEAR = 365
Quantiles = Sequence[int]


def pinball(true: int, said: Quantiles) -> float:
    """The mean over the levels of what each quantile costs, in days."""
    return mean(max(level * (true - at), (level - 1) * (true - at)) for level, at in zip(LEVELS, said, strict=True))


@dataclass(slots=True)
class Scores:
    """Per way of foretelling: pinball loss, whether the 80 % range held, its width in days."""

    loss: dict[str, list[float]] = field(default_factory=dict)
    held: dict[str, list[bool]] = field(default_factory=dict)
    width: dict[str, list[int]] = field(default_factory=dict)

    def add(self, name: str, true: int, said: Quantiles, within: tuple[int, int] | None = None) -> None:
        """`within` is the range, where it is not that of the outer quantiles."""
        low, high = within or (said[0], said[-1])
        self.loss.setdefault(name, []).append(pinball(true, said))
        self.held.setdefault(name, []).append(low <= true <= high)
        self.width.setdefault(name, []).append(high - low)

    def figures(self) -> dict[str, Any]:
        return {
            name: {
                "n": len(losses),
                "pinball": round(mean(losses), 2),
                "coverage": round(mean(self.held[name]), 3),
                "width": round(mean(self.width[name]), 1),
            }
            for name, losses in self.loss.items()
        }


def foretold(
    stay: Stay, spell: Spell, cut: date, *, given_close: bool, within: int = YEAR
) -> tuple[Quantiles, tuple[int, int]]:
    """Days from the deal's first day to its close, past a year for what may never close; and the range shown.
    `given_close`: as if it were known that it closes in so many days from the cut-off, or its first day."""
    today = max(cut, spell.entered_on - timedelta(days=1))
    age = (today - spell.entered_on).days
    ends = [end for end, _ in stay.ahead(spell.entered_on, today, max(1, within), spell.customer)]
    share = 1 / max(1e-9, sum(ends)) if given_close else 1.0
    draws = from_chances([(end * share, end * share) for end in ends], DRAWS)
    ordered = [age + (YEAR + 1 if draw is None else draw) for draw in draws]
    return [at(ordered, level) for level in LEVELS], range_of(ordered, TAIL)


def from_past(past: Sequence[int], age: int, most: int | None = None) -> tuple[Quantiles, Quantiles]:
    """All past days beyond an age and up to `most` (in rising order), and their median alone."""
    left = past[bisect_right(past, age) : None if most is None else bisect_right(past, most)] or [age + 1]
    spread = [left[min(len(left) - 1, int(level * len(left)))] for level in LEVELS]
    return spread, [spread[2]] * len(LEVELS)


def backtest(spells: Sequence[Spell]) -> dict[str, Any]:
    """The figures over all cut-offs but the last, and over the last one, a month before the end."""
    closed = [spell.ended_on for spell in spells if spell.ended_on]
    tried, last = cut_offs(min(closed), max(closed) - NEW, EARLY, STEP)
    return {"tried": over(spells, tried), "last": over(spells, [last])}


def by_cut_off(spells: Sequence[Spell]) -> dict[str, Any]:
    """Of each cut-off the loss and coverage of open deals, csuite's and the past days'."""
    closed = [spell.ended_on for spell in spells if spell.ended_on]
    tried, last = cut_offs(min(closed), max(closed) - NEW, EARLY, STEP)
    return {"each": {f"{cut}": _open(over(spells, [cut])) for cut in (*tried, last)}}


def _open(figures: dict[str, Any]) -> dict[str, str]:
    return {
        f"{group}, {way}": f"{figures[group][way]['pinball']} ({figures[group][way]['coverage']:.0%})"
        for group in ("open, all", "open, closed by the end")
        for way in ("csuite", "past days")
    }


def over(spells: Sequence[Spell], cuts: Sequence[date]) -> dict[str, Any]:
    end = max(spell.ended_on for spell in spells if spell.ended_on)
    scores = {(who, which): Scores() for who in ("new", "open") for which in ("all", "closed", "closed by the end")}
    counts, chances = [0.0, 0.0], Scored()
    for cut in cuts:
        known = as_of(Book((), (), spells), cut).spells
        stay = fit_stays(known, cut)["Engaging"]
        past = sorted((spell.ended_on - spell.entered_on).days for spell in known if spell.ended_on)
        share = mean(spell.outcome == "reached" for spell in known if spell.ended_on)
        for spell in spells:
            fresh = cut < spell.entered_on <= cut + NEW
            if not fresh and (spell.entered_on > cut or (spell.ended_on and spell.ended_on <= cut)):
                continue
            who = "new" if fresh else "open"
            _score(scores, who, stay, spell, cut, end, past)
            chances.add(stay, spell, cut, share)
            if not fresh:
                counts[0] += sum(
                    ends for ends, _ in stay.ahead(spell.entered_on, cut, (end - cut).days, spell.customer)
                )
                counts[1] += spell.ended_on is not None
    return {
        **{f"{who}, {which}": found.figures() for (who, which), found in scores.items()},
        "open deals that close by the end": {"foretold": round(counts[0]), "came": round(counts[1])},
        "won, Brier score": chances.figures(),
    }


def _score(
    scores: dict[tuple[str, str], Scores],
    who: str,
    stay: Stay,
    spell: Spell,
    cut: date,
    end: date,
    past: Sequence[int],
) -> None:
    age = max(-1, (cut - spell.entered_on).days)
    spread, middle = from_past(past, age)
    most = (end - spell.entered_on).days + 1
    true = most if spell.ended_on is None else (spell.ended_on - spell.entered_on).days
    simple = {"past days": spread, "past median": middle}
    quantiles, (low, high) = foretold(stay, spell, cut, given_close=False)
    scores[who, "all"].add("csuite", true, [min(day, most) for day in quantiles], (min(low, most), min(high, most)))
    for name, days in simple.items():
        scores[who, "all"].add(name, true, [min(day, most) for day in days])
    if spell.ended_on is not None:
        scores[who, "closed"].add("csuite", true, *foretold(stay, spell, cut, given_close=True))
        for name, days in simple.items():
            scores[who, "closed"].add(name, true, days)
        left = (end - max(cut, spell.entered_on - timedelta(days=1))).days
        told = foretold(stay, spell, cut, given_close=True, within=left)
        scores[who, "closed by the end"].add("csuite", true, *told)
        spread, middle = from_past(past, age, most - 1)
        for name, days in {"past days": spread, "past median": middle}.items():
            scores[who, "closed by the end"].add(name, true, days)


@dataclass(slots=True)
class Scored:
    """The chance of winning, given that a deal closes, against what came."""

    csuite: list[float] = field(default_factory=list)
    share: list[float] = field(default_factory=list)

    def add(self, stay: Stay, spell: Spell, cut: date, share: float) -> None:
        """Scores one closed deal; the yardstick is the share of all deals won so far."""
        if spell.ended_on is None:
            return
        today = max(cut, spell.entered_on - timedelta(days=1))
        ahead = stay.ahead(spell.entered_on, today, YEAR, spell.customer)
        chance = sum(won for _, won in ahead) / max(1e-9, sum(ends for ends, _ in ahead))
        won = float(spell.outcome == "reached")
        self.csuite.append((chance - won) ** 2)
        self.share.append((share - won) ** 2)

    def figures(self) -> dict[str, float]:
        return {"csuite": round(mean(self.csuite), 4), "past share": round(mean(self.share), 4)}
