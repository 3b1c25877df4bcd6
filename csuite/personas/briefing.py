"""The data block of a prompt: what is known about the company, in sections of single lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from csuite.personas.grounds import days_late
from csuite.personas.quoting import quoted
from csuite.profiles import arithmetic, formatting, months
from csuite.profiles.goals import Standing, standing
from csuite.profiles.records import Cause, Company, Facts, GoalRecord, Point, Series

SHOWN_MONTHS = 18


@dataclass(frozen=True, slots=True)
class Section:
    """`priority`: the lowest is shortened first."""

    title: str
    lines: tuple[str, ...]
    priority: int


def sections(facts: Facts, computed: str = "") -> list[Section]:
    """In the order a reader wants them; empty ones are left out."""
    company, *others = standing_sections(facts)
    return [part for part in (company, worked_out(computed), *others) if part.lines]


def worked_out(computed: str) -> Section:
    """What the server found out for one question; it stands behind the company."""
    return Section("Worked out for this question", tuple(quoted(line) for line in computed.splitlines() if line), 85)


def decided(decisions: Sequence[str]) -> Section:
    """What the company has approved, one line each."""
    return Section("Decisions approved earlier", tuple(f"- {quoted(line)}" for line in decisions), 65)


def standing_sections(facts: Facts, calculated: Sequence[str] = ()) -> list[Section]:
    """Those that are the same for every question, the company first; some may be empty."""
    money = facts.company.currency
    seen = [series for series in facts.metrics if series.points]
    return [
        Section("Company", tuple(company_lines(facts.company)), 90),
        Section("Goals", tuple(goal_line(goal, facts) for goal in facts.goals), 80),
        Section(
            "Newest figures", tuple(headline(series, money, days_late(series, facts.today)) for series in seen), 70
        ),
        Section("Calculated from them", tuple(calculated), 55),
        Section("What moved them", tuple(cause_lines(facts)), 60),
        Section("Insights", tuple(insight_lines(facts)), 50),
        Section("By product line", tuple(line for series in seen for line in product_lines(series, money)), 20),
        Section("Forecast", tuple(forecast_line(s, money) for s in seen if s.forecast), 40),
        Section("Months", tuple(month_line(series, money) for series in seen), 30),
    ]


def company_lines(company: Company) -> list[str]:
    known = {
        "Name": company.name,
        "Industry": company.industry,
        "People": str(company.people) if company.people else "",
        "Stage": company.stage,
        "Revenue a year": formatting.money(company.revenue, company.currency) if company.revenue else "",
        "Currency": company.currency,
        "Fiscal year begins in": months.NAMES[company.fiscal_year_start - 1],
        "Profile version": str(company.version or ""),
        **company.entries,
        "About": company.description,
    }
    return [f"- {quoted(str(name), 60)}: {quoted(entry)}" for name, entry in known.items() if entry]


def _value(series: Series, value: Decimal, money: str) -> str:
    return formatting.worded(value, series.unit, money, series.places)


def headline(series: Series, money: str, late: int = 0) -> str:
    """A metric's newest month, its changes and its extremes, on one line. `late`: days that the next is overdue."""
    points, newest = series.points, series.points[-1].period
    parts = [f"{months.long(newest)} {_value(series, points[-1].value, money)}"]
    for label, earlier in (
        ("the month before", series.at(months.shift(newest, -1))),
        ("the year before", series.at(months.shift(newest, -12))),
    ):
        if earlier is not None:
            change = arithmetic.Change(earlier.value, points[-1].value)
            parts.append(f"{_moved(series, change, money)} on {label} ({months.long(earlier.period)})")
    low, high = min(points, key=_by_value), max(points, key=_by_value)
    parts.append(
        f"in {len(points)} months lowest {_value(series, low.value, money)} ({months.long(low.period)}),"
        f" highest {_value(series, high.value, money)} ({months.long(high.period)})"
    )
    good = {"up": "higher is better", "down": "lower is better"}.get(series.good, "")
    closed = points[-1].closed_on
    tail = [f"closed {months.day(closed)}"] if closed else []
    tail += [f"out of date, the next value is {late} days late"] if late else []
    return f"- {quoted(series.name, 120)} [{series.key}]: {'; '.join([*parts, *tail, *([good] if good else [])])}"


def _by_value(point: Point) -> Decimal:
    return point.value


def _moved(series: Series, change: arithmetic.Change, money: str) -> str:
    if not change.absolute:
        return "no change"
    word = "up" if change.absolute > 0 else "down"
    size = formatting.difference(change.absolute, series.unit, money, series.places)
    if series.unit == "percent" or change.relative is None:
        return f"{word} {size}"
    return f"{word} {size} or {formatting.percent(abs(change.relative))}"


def goal_line(goal: GoalRecord, facts: Facts) -> str:
    money = facts.company.currency
    target = formatting.target(goal.target, goal.unit, money)
    rule = "at least" if goal.direction == "at_least" else "at most"
    start = f"- {quoted(goal.title, 160)}: {rule} {target} by {months.day(goal.deadline)}"
    series = facts.metric(goal.metric)
    found = standing(goal, series, facts.metric(series.weight)) if series else None
    if series is None or found is None:
        return f"{start}; not measured in the data"
    return f"{start}; {'; '.join(standing_parts(found, series, money))}"


def standing_parts(found: Standing, series: Series, money: str) -> list[str]:
    """Where a goal stands, as phrases; every figure computed."""

    def value(figure: Decimal) -> str:
        return _value(series, figure, money)

    parts = [f"newest month {value(found.now)}"]
    if series.aggregation != "last":
        parts.append(f"so far {value(found.reached)} over {len(found.done)} months")
    if found.remaining and found.needed is not None:
        parts.append(f"{len(found.remaining)} months remain, each would need {value(found.needed)}")
        if found.out_of_reach:
            parts.append(f"out of reach: the best month on record is {value(found.best.value)}")
    if found.unchanged is not None:
        parts.append(f"if nothing changes it ends at {value(found.unchanged)}")
    if found.expected is not None:
        parts.append(f"with the forecast it ends at {value(found.expected)}")
    parts.append("met so far" if found.met else "not met so far")
    return parts


def cause_lines(facts: Facts) -> list[str]:
    """One line for each cause; one that explains several metrics names them all."""
    metrics: dict[tuple[object, ...], list[str]] = {}
    texts: dict[tuple[object, ...], str] = {}
    for cause in facts.causes:
        series = facts.metric(cause.metric)
        same = (cause.period, cause.cause, cause.points, cause.amount, cause.lasts)
        metrics.setdefault(same, []).append(quoted(series.name if series else cause.metric, 120))
        texts[same] = cause_text(cause, series, facts.company.currency)
    return [f"- {' and '.join(names)}, {texts[same]}" for same, names in metrics.items()]


def cause_text(cause: Cause, series: Series | None, money: str) -> str:
    parts = []
    if cause.points is not None:
        unit, places = (series.unit, series.places) if series else ("count", None)
        size = formatting.change(cause.points, unit, money, places)
        parts.append(f"{size}{' points' if unit == 'percent' else ''}")
    if cause.amount is not None:
        parts.append(f"{quoted(cause.amount_name, 60)} {formatting.money(cause.amount, money)}".strip())
    if cause.lasts:
        parts.append(f"will it last: {quoted(cause.lasts)}")
    if cause.remedy:
        parts.append(f"what would help: {quoted(cause.remedy)}")
    return f"{months.long(cause.period)}, {quoted(cause.cause)}: {'; '.join(parts)}"


def insight_lines(facts: Facts) -> list[str]:
    return [f"- {months.day(i.found_on)}: {quoted(i.title, 200)}. {quoted(i.text)}" for i in facts.insights]


def forecast_line(series: Series, money: str) -> str:
    coming = ", ".join(f"{p.period:%Y-%m} {_value(series, p.value, money)}" for p in series.forecast)
    return f"- {quoted(series.name, 120)}: {coming}"


def month_line(series: Series, money: str) -> str:
    """Newest first, so that what is cut off last is what matters most."""
    values = ", ".join(
        f"{point.period:%Y-%m} {formatting.bare(point.value, series.unit, money, series.places)}"
        for point in reversed(series.points[-SHOWN_MONTHS:])
    )
    return f"- {quoted(series.name, 120)}: {values}"


def product_lines(series: Series, money: str) -> list[str]:
    """Each line's newest month and its change on the month before."""
    result = []
    for line, points in series.lines.items():
        last = points[-1]
        text = (
            f"- {quoted(series.name, 120)}, {quoted(line, 80)}: {last.period:%Y-%m} {_value(series, last.value, money)}"
        )
        if len(points) > 1 and months.between(points[-2].period, last.period) == 1:
            change = arithmetic.Change(points[-2].value, last.value)
            text += f", {_moved(series, change, money)} on the month before"
        whole = series.at(last.period)
        if whole and whole.value and series.aggregation == "sum":
            text += f", {formatting.percent(last.value / whole.value * 100)} of the whole"
        result.append(text)
    return result
