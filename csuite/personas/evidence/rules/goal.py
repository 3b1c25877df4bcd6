"""Goals: the target, how far away it is, what each remaining month must bring, where the period ends."""

from collections.abc import Iterator
from decimal import Decimal

from csuite.personas.evidence.knowledge import Aim, Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate, Kind, Span
from csuite.profiles import arithmetic, formatting, months


def goal(query: Query, known: Knowledge) -> Iterator[Candidate]:
    for metric in query.metrics:
        for aim in known.aims.get(metric, ()):
            if not query.has("change"):
                yield target(aim)
            if query.says("gap", "goal") or query.has("change"):
                yield from _distance(aim)
            if query.says("needed"):
                yield from needed(aim)
            if query.close("ending", "forecast"):
                yield from ending(aim)
            if "÷" in query.text:
                yield from parts(aim)
            if query.is_cell or query.says("progress"):
                yield from _reached(aim)
            if "percent" in query.kinds and aim.quantity.unit != "percent" and aim.goal.target:
                yield from _progress(query, aim)


def target(aim: Aim) -> Candidate:
    """The goal itself: found, not calculated."""
    span = Span(months.first_of(aim.goal.start), months.first_of(aim.goal.deadline))
    return Candidate(aim.goal.target, aim.quantity.unit, aim.quantity.metric, span, facts=(f"goal:{aim.goal.key}",))


def _shown(aim: Aim) -> str:
    return formatting.target(aim.goal.target, aim.goal.unit, aim.quantity.currency)


def _distance(aim: Aim) -> Iterator[Candidate]:
    found, show = aim.standing, aim.quantity.show
    unit: Kind = "points" if aim.quantity.unit == "percent" else aim.quantity.unit
    for name, value in (
        ("newest month", found.now),
        ("so far", found.reached),
        ("at the end, if nothing changes", found.unchanged),
        ("at the end, with the forecast", found.expected),
    ):
        if value is not None:
            away = abs(aim.goal.target - value)
            yield _worked(aim, away, f"{_shown(aim)} − {show(value)} ({name}) = {show(away)}", unit)


def parts(aim: Aim) -> Iterator[Candidate]:
    """What a weighted average is made of, for an answer that writes the calculation out."""
    found = aim.standing
    if found.made is not None and found.weight_done is not None:
        ahead = arithmetic.total(found.ahead)
        for value, name in ((found.made / 100, "made so far"), (found.weight_done + ahead, "weight"), (ahead, "ahead")):
            yield _worked(aim, value, f"{name}: {formatting.thousands(value, aim.quantity.currency)}", "currency")


def _reached(aim: Aim) -> Iterator[Candidate]:
    found, show = aim.standing, aim.quantity.show
    yield _worked(aim, found.reached, f"so far, over {len(found.done)} months: {show(found.reached)}")


def needed(aim: Aim) -> Iterator[Candidate]:
    found, show = aim.standing, aim.quantity.show
    left = len(found.remaining)
    if found.needed is not None:
        told = f"from {show(found.reached)} so far to {_shown(aim)}: {left} months remain, each needs"
        yield _worked(aim, found.needed, f"{told} {show(found.needed)}")
    if left:
        reached = found.reached if aim.quantity.aggregation == "sum" else found.now
        step = abs(aim.goal.target - reached) / left
        yield _worked(aim, step, f"({_shown(aim)} − {show(reached)}) ÷ {left} months = {show(step)}")


def ending(aim: Aim) -> Iterator[Candidate]:
    found, show = aim.standing, aim.quantity.show
    for value, why in ((found.unchanged, "if nothing changes"), (found.expected, "with the forecast")):
        if value is not None:
            yield _worked(aim, value, f"{why}, the period ends at {show(value)}")
    planned = [value for period in found.remaining if (value := aim.quantity.planned.get(period)) is not None]
    if planned:
        total = arithmetic.total(planned)
        yield _worked(aim, total, f"{' + '.join(map(show, planned))} = {show(total)}")


def _progress(query: Query, aim: Aim) -> Iterator[Candidate]:
    """In per cent of the target: what is reached, what is missing, where it ends."""
    found, goal, show = aim.standing, aim.goal.target, aim.quantity.show
    for value in (found.reached, found.now):
        share = value / goal * 100
        missing = f"({_shown(aim)} − {show(value)}) ÷"
        if query.says("progress"):
            yield _percent(aim, share, f"{show(value)} ÷ {_shown(aim)}")
        if query.says("gap"):
            yield _percent(aim, 100 - share, f"{missing} {_shown(aim)}")
            if value:
                yield _percent(aim, (goal - value) / value * 100, f"{missing} {show(value)}")
    if found.unchanged is not None and query.says("ending", "goal", "gap"):
        away = abs(found.unchanged - goal) / goal * 100
        yield _percent(aim, away, f"({_shown(aim)} − {show(found.unchanged)}) ÷ {_shown(aim)}")


def _percent(aim: Aim, value: Decimal, told: str) -> Candidate:
    return _worked(aim, value, f"{told} = {formatting.percent(value)}", "percent")


def _worked(aim: Aim, value: Decimal, told: str, unit: Kind | None = None) -> Candidate:
    newest = aim.quantity.stated(aim.quantity.newest)
    return Candidate(
        value=value,
        unit=unit or aim.quantity.unit,
        metric=aim.quantity.metric,
        period=Span(months.first_of(aim.goal.start), months.first_of(aim.goal.deadline)),
        calculation=told,
        facts=(f"goal:{aim.goal.key}", *(newest.facts if newest else ())),
        as_of=newest.as_of if newest else None,
    )
