"""Figures that follow from a company's metrics, worked out so that no officer has to: each with its id and formula."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.quantities import Quantity
from csuite.personas.evidence.records import Span
from csuite.personas.quoting import quoted
from csuite.profiles import months

MOST_SUMS = 6


def calculated_lines(known: Knowledge) -> list[str]:
    """Runway, gross profit, ARR and the like; then sums of the last months and what a year at that pace would be."""
    plain = [one for found in known.quantities.values() for one in found if not one.entity and one.values]
    derived = [one for one in plain if one.formula]
    sums = [one for one in plain if not one.formula and one.aggregation == "sum" and one.unit == "currency"]
    return [*filter(None, map(_derived, derived)), *filter(None, map(_sums, sums[:MOST_SUMS]))]


def _derived(one: Quantity) -> str:
    newest = one.values[one.newest]
    unit = " months" if one.unit == "months" else "%" if one.unit == "percent" and one.show(newest)[-1] != "%" else ""
    parts = [f"{months.long(one.newest)} {one.show(newest)}{unit}"]
    for label, back in (("the month before", 1), ("the year before", 12)):
        earlier = one.values.get(months.shift(one.newest, -back))
        if earlier is not None:
            parts.append(f"{label} {one.show(earlier)}{unit}")
    return f"- {quoted(one.name, 80)} [{one.id}]: {'; '.join(parts)} ({quoted(one.formula, 120)})"


def _sums(one: Quantity) -> str:
    return f"- {quoted(one.name, 80)} [{one.id}]: {'; '.join(_totals(one))}"


def _totals(one: Quantity) -> Iterator[str]:
    for count in (3, 12):
        last = Span(months.shift(one.newest, 1 - count), one.newest)
        whole, before = one.over(last), one.over(last.shifted(-count))
        if whole is None or one.within(last) is None:
            continue
        told = f"last {count} months {one.show(whole.value)}"
        yield told if before is None else f"{told}, the {count} months before {one.show(before.value)}"
    yield f"a year at the pace of {months.long(one.newest)} {one.show(one.values[one.newest] * 12)}"
