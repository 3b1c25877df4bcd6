"""Goals: the target, how far away it is, what each remaining month must bring, where the year ends."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from csuite.personas.evidence.context import Query
from csuite.personas.evidence.knowledge import Aim, Knowledge
from csuite.personas.evidence.records import Candidate, Kind, Span
from csuite.profiles import arithmetic, formatting, months


def goal(query: Query, known: Knowledge) -> Iterator[Candidate]:
    for metric in query.metrics:
        for aim in known.aims.get(metric, ()):
            yield from of_aim(query, aim)


def of_aim(query: Query, aim: Aim) -> Iterator[Candidate]:
    target, found, show = aim.goal.target, aim.standing, aim.quantity.show
    shown = formatting.target(target, aim.goal.unit, aim.quantity.currency)
    if not query.has("change") or query.has("value"):
        yield _of(aim, target, "", ids=(f"goal:{aim.goal.key}",))
    distance: Kind = "points" if aim.quantity.unit == "percent" else aim.quantity.unit
    if query.says("gap", "goal") or query.has("change"):
        for name, value in (("newest month", found.now), ("so far", found.reached)):
            told = f"{shown} − {show(value)} ({name}) = {show(abs(target - value))}"
            yield _of(aim, abs(target - value), told, distance)
        for value in (found.unchanged, found.expected):
            if value is not None:
                told = f"{shown} against {show(value)} at the end of the period"
                yield _of(aim, abs(target - value), told, distance)
    if query.says("needed"):
        yield from _needed(aim, show(found.reached), shown)
    if query.says("ending", "forecast"):
        for value, why in ((found.unchanged, "if nothing changes"), (found.expected, "with the forecast")):
            if value is not None:
                yield _of(aim, value, f"{why}, the period ends at {show(value)}")
    if query.says("progress") and "percent" in query.kinds and aim.quantity.unit != "percent" and target:
        for value in (found.reached, found.now):
            share = value / target * 100
            yield _of(aim, share, f"{show(value)} ÷ {shown} = {formatting.percent(share)}", "percent")
            if query.says("gap"):
                told = f"({shown} − {show(value)}) ÷ "
                yield _of(aim, 100 - share, f"{told}{shown} = {formatting.percent(100 - share)}", "percent")
                if value:
                    further = (target - value) / value * 100
                    yield _of(aim, further, f"{told}{show(value)} = {formatting.percent(further)}", "percent")
    if query.says("ending", "goal", "gap") and "percent" in query.kinds and found.unchanged and target:
        away = (found.unchanged - target) / target * 100
        yield _of(aim, abs(away), f"{show(found.unchanged)} against {shown}: {formatting.percent(away)}", "percent")
    if query.says("forecast") and found.remaining and aim.quantity.planned:
        yield from _planned(aim)


def _needed(aim: Aim, reached: str, shown: str) -> Iterator[Candidate]:
    found = aim.standing
    left = len(found.remaining)
    if found.needed is not None:
        told = f"from {reached} so far to {shown}, {left} months remain, each needs {aim.quantity.show(found.needed)}"
        yield _of(aim, found.needed, told)
    if left:
        missing = abs(aim.goal.target - (found.reached if aim.quantity.aggregation == "sum" else found.now))
        told = f"({shown} − {reached}) ÷ {left} months = {aim.quantity.show(missing / left)}"
        yield _of(aim, missing / left, told)


def _planned(aim: Aim) -> Iterator[Candidate]:
    known = [aim.quantity.planned.get(period) for period in aim.standing.remaining]
    values = [value for value in known if value is not None]
    if values:
        total = arithmetic.total(values)
        told = " + ".join(aim.quantity.show(value) for value in values)
        yield _of(aim, total, f"{told} = {aim.quantity.show(total)}")


def _of(aim: Aim, value: Decimal, told: str, unit: Kind | None = None, ids: tuple[str, ...] = ()) -> Candidate:
    end = months.first_of(aim.goal.deadline)
    newest = aim.quantity.stated(aim.quantity.newest)
    found = Candidate(
        value=value,
        unit=unit or aim.quantity.unit,
        metric=aim.quantity.metric,
        period=Span(months.first_of(aim.goal.start), end),
        calculation=told,
        facts=ids or (f"goal:{aim.goal.key}", *(newest.facts if newest else ())),
    )
    return replace(found, as_of=newest.as_of) if newest and told else found
