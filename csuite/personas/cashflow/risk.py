"""Days at risk and endings, counted by age and by calendar month.

A spell that still lasts counts as long as it has lasted. Records begin at some day: what ended before is missing, so no
spell counts before the first ending seen, or old spells would look as if they never ended.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from math import exp2

from csuite.personas.cashflow.facts import Spell

OLDEST = 1095  # days in a stage; older ones say nothing more
HALF_LIFE = 12.0  # months after which a month counts half
SILENCE, SILENT_ENDINGS = 7, 5  # days and usual gaps without a record, after which records count as ended
PHASES = 3  # a month is the first, second or third of its quarter


def month_of(ordinal: int) -> int:
    """Months counted through the years, so that `month_of(…) % 3` is the place in the quarter."""
    day = date.fromordinal(ordinal)
    return day.year * 12 + day.month - 1


def month_starts(first: int, last: int) -> list[tuple[int, int]]:
    """(month, its first ordinal day) for all months that touch first…last."""
    months = range(month_of(first), month_of(last) + 1)
    return [(month, date(month // 12, month % 12 + 1, 1).toordinal()) for month in months]


@dataclass(slots=True)
class Month:
    """Per day of age: spells at risk and endings; endings that reached what the stage waits for; what it counts."""

    at_risk: list[int]
    ended: list[int]
    weight: float
    reached: int = 0


@dataclass(frozen=True, slots=True)
class Risk:
    """One stage's counts; `began` is the first ordinal day that counts."""

    months: dict[int, Month]
    began: int
    spells: Sequence[Spell]
    today: int

    @property
    def endings(self) -> int:
        return sum(sum(month.ended) for month in self.months.values())

    def segments(self, spell: Spell) -> Iterator[tuple[int, int, int]]:
        """(month, first age, last age) of the days a spell counts, one for each month."""
        return segments(spell, self.began, self.today)


def segments(spell: Spell, began: int, today: int) -> Iterator[tuple[int, int, int]]:
    entered = spell.entered_on.toordinal()
    last = min(today if spell.ended_on is None else spell.ended_on.toordinal(), entered + OLDEST - 1)
    day = max(entered, began)
    while day <= last:
        month = month_of(day)
        following = date((month + 1) // 12, (month + 1) % 12 + 1, 1).toordinal()
        end = min(last, following - 1)
        yield month, day - entered, end - entered
        day = end + 1


def _records_end(known: Sequence[Spell], ends: Sequence[int], today: int) -> int:
    """Today, or earlier if nothing was recorded for much longer than endings usually lie apart: what happened since is
    then not known, which is not the same as nothing."""
    if not ends:
        return today
    newest = max(max(ends), max(spell.entered_on.toordinal() for spell in known))
    apart = (max(ends) - min(ends)) / len(ends)
    return min(today, newest + SILENCE + round(SILENT_ENDINGS * apart))


def _weight(month: int, now: int) -> float:
    return exp2((month - month_of(now)) / HALF_LIFE)


def count_risk(spells: Iterable[Spell], today: date) -> Risk:
    """Counts one stage's spells as known at the end of `today`."""
    known = sorted(spells, key=lambda s: (s.entered_on, s.deal))
    ends = [spell.ended_on.toordinal() for spell in known if spell.ended_on]
    began = min(ends, default=today.toordinal())
    now = _records_end(known, ends, today.toordinal())
    months: dict[int, Month] = {}
    for spell in known:
        for month, first, last in segments(spell, began, now):
            counts = months.setdefault(month, Month([0] * (OLDEST + 1), [0] * (OLDEST + 1), _weight(month, now)))
            counts.at_risk[first] += 1
            counts.at_risk[last + 1] -= 1
        if spell.ended_on is None:
            continue
        age = (spell.ended_on - spell.entered_on).days
        if age < OLDEST:
            counts = months[month_of(spell.ended_on.toordinal())]
            counts.ended[age] += 1
            counts.reached += spell.outcome == "reached"
    for counts in months.values():
        counts.at_risk = list(accumulate(counts.at_risk))[:OLDEST]
        counts.ended.pop()
    return Risk(months, began, known, now)
