"""What an answer may draw on, for the check of its figures, and how old that is. No database, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from csuite.personas.evidence.checking import Checker
from csuite.personas.evidence.knowledge import Knowledge, prepared
from csuite.profiles import months
from csuite.profiles.freshness import freshness
from csuite.profiles.records import Facts, Point, Series


class Grounds:
    """The facts of one officer on one day. Shared by every answer that rests on them; never changed."""

    __slots__ = ("_known", "facts")

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._known: Knowledge | None = None

    def known(self) -> Knowledge:
        """Made ready when it is first asked for, some 20 ms for a company of 40 metrics, and kept."""
        if self._known is None:
            self._known = prepared(self.facts)
        return self._known

    def checker(self, question: str, texts: Sequence[str] = ()) -> Checker:
        """`texts`: what the server worked out for this question and the officer was given too."""
        known = self.known()
        return Checker(known.told_also(texts, self.facts.today) if texts else known, question)

    def age(self, evidence: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """How old the data of an answer are: `as_of`, `closed_on` (a day or None) and what is `late`.

        `evidence`: as in the contract. Without figures of the company it is the age of all that the officer sees;
        {} where there are no data at all.
        """
        keys = {one["metric"] for one in evidence if one["class"] != "not_found"}
        every = [series for series in self.facts.metrics if series.points]
        used = [series for series in every if series.key in keys]
        newest = [series.points[-1] for series in used or every]
        if not newest:
            return {}
        last = max(point.period for point in newest)
        closed = [point.closed_on for point in newest if point.period == last and point.closed_on]
        return {
            "as_of": max(as_of(point) for point in newest).isoformat(),
            "closed_on": max(closed).isoformat() if closed else None,
            "late": [
                {"metric": series.key, "name": series.name, "days": days}
                for series in used
                if (days := days_late(series, self.facts.today))
            ],
        }


def as_of(point: Point) -> date:
    return point.as_of or months.last_day(point.period)


def days_late(series: Series, today: date) -> int:
    """0 when the next value is not overdue."""
    return freshness(series.cadence, series.points[-1].period, today).days_late if series.points else 0
