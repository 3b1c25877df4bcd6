"""The goals of a company as rows of a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from csuite.profiles import formatting, months
from csuite.profiles.goals import Standing, standing
from csuite.profiles.records import GoalRecord, Series


@dataclass(frozen=True, slots=True)
class GoalRow:
    """`state` is good, warn, bad or "" (not known); `share` of the way, 0 to 100, None where it means nothing."""

    title: str
    now: str
    target: str
    deadline: str
    state: str
    verdict: str
    share: int | None


def goal_rows(goals: Sequence[GoalRecord], series: Sequence[Series], currency: str) -> list[GoalRow]:
    by_key = {one.key: one for one in series}
    return [_row(goal, by_key, currency) for goal in goals]


def _row(goal: GoalRecord, series: dict[str, Series], currency: str) -> GoalRow:
    metric = series.get(goal.metric or "")
    weight = series.get(metric.weight or "") if metric else None
    found = standing(goal, metric, weight) if metric else None
    begun = found is not None and bool(found.done)
    places = metric.places if metric else None
    state, verdict = _verdict(found)
    return GoalRow(
        title=goal.title,
        now=formatting.bare(found.reached, goal.unit, currency, places) if found and begun else "",
        target=formatting.bare(goal.target, goal.unit, currency, places),
        deadline=_day(goal.deadline),
        state=state,
        verdict=verdict,
        share=_share(found) if begun else None,
    )


def _verdict(found: Standing | None) -> tuple[str, str]:
    if found is None:
        return "", "No figures yet"
    if not found.done:  # its first month is not closed yet: nothing of it can be on course
        return "", "Begins"
    if found.met and (not found.remaining or found.ends_met):
        return "good", "Met so far" if found.remaining else "Met"
    if not found.remaining:
        return "bad", "Missed"
    if found.out_of_reach:
        return "bad", "Out of reach"
    return ("good", "On course") if found.ends_met else ("warn", "At risk")


def _share(found: Standing | None) -> int | None:
    """How full the bar is. Only a goal to reach at least something has one."""
    if found is None or found.goal.direction != "at_least" or found.goal.target <= 0:
        return None
    return max(0, min(100, round(found.reached / found.goal.target * 100)))


def _day(day: date) -> str:
    return f"{day.day} {months.NAMES[day.month - 1][:3]} {day.year}"
