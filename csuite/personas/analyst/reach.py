"""Whether a goal can still be reached: what is needed, what happens if nothing changes, what if the remedies land."""

from dataclasses import replace
from decimal import Decimal

from csuite.personas.analyst.parts import Desk, Part
from csuite.personas.analyst.pen import plain, table
from csuite.profiles import arithmetic, formatting, goals, months
from csuite.profiles.goals import Standing
from csuite.profiles.records import GoalRecord, Series


def reach(desk: Desk, series: Series) -> Part:
    goal = asked_goal(desk, series)
    if goal is None:
        return Part(lead=f"The profile has no goal for {desk.pen.inner(series)}.")
    found = goals.standing(goal, series, desk.facts.metric(series.weight))
    if found is None:
        return Part(lead=f"There is no figure yet for “{plain(goal.title)}”.")
    if not found.remaining:
        return Part(lead=_closed(desk, series, found))
    return Part(lead=_needed(desk, series, found), body=(arithmetic_line(desk, series, found),), rank=40)


def asked_goal(desk: Desk, series: Series) -> GoalRecord | None:
    """The metric's goal, with the target of the question where it names another one."""
    goal = next((goal for goal in desk.facts.goals if goal.metric == series.key), None)
    asked = desk.reading.target
    if goal is None and asked is not None:
        start = months.year_start(desk.pen.newest, desk.facts.company.fiscal_year_start)
        way = "at_most" if series.good == "down" else "at_least"
        end = months.last_day(months.shift(start, 11))
        return GoalRecord("asked", series.name, series.key, asked, series.unit, way, start, end)
    return replace(goal, target=asked) if goal is not None and asked is not None else goal


def target(desk: Desk, goal: GoalRecord) -> str:
    return formatting.target(goal.target, goal.unit, desk.pen.currency)


def period_of(desk: Desk, goal: GoalRecord) -> str:
    """`for the year`, `for the fourth quarter`, `by 31 December 2027`."""
    first, last = months.first_of(goal.start), months.first_of(goal.deadline)
    start, length = desk.facts.company.fiscal_year_start, months.between(first, last) + 1
    if length == 12 and first == months.year_start(first, start):
        return "for the year"
    if length == 3 and first == months.quarter_start(first, start):
        number = months.quarter_number(first, start)
        return f"for the {('first', 'second', 'third', 'fourth')[number - 1]} quarter"
    return f"by {months.day(goal.deadline)}"


def whole(desk: Desk, goal: GoalRecord) -> str:
    period = period_of(desk, goal)
    if period == "for the year":
        return "the year"
    return "the quarter" if period.startswith("for the") else "the period"


def _closed(desk: Desk, series: Series, found: Standing) -> str:
    verdict = "was reached" if found.met else "was missed"
    value = desk.pen.value(series, found.reached)
    return f"The goal of {target(desk, found.goal)} {period_of(desk, found.goal)} {verdict}: it closed at {value}."


def _needed(desk: Desk, series: Series, found: Standing) -> str:
    goal, pen = found.goal, desk.pen
    start = f"{target(desk, goal)} {period_of(desk, goal)}"
    if series.aggregation == "last":
        return _level(desk, series, found)
    if found.needed is None:
        return f"What {start} needs cannot be computed: a weight is missing."
    if found.needed <= 0:
        return f"{start} is reached already, whatever the remaining months bring."
    need = f"To reach {start} we would need **{pen.value(series, found.needed)}** {each(desk, found)}."
    best = f"The best month in {formatting.in_words(len(series.points))} was {pen.value(series, found.best.value)}"
    best += f" in {pen.month(found.best.period)}"
    if found.out_of_reach:
        return f"{need} {best}, so {target(desk, goal)} is out of reach, and I would say so now."
    if found.ends_met:
        last = pen.month(series.points[-1].period)
        return f"{need} {last} was {pen.moved(series, found.needed, found.now)} that, so it is on track."
    return f"{need} {best}, so it is possible and has been done before."


def _level(desk: Desk, series: Series, found: Standing) -> str:
    """A goal that only the last month counts for."""
    pen, goal = desk.pen, found.goal
    rule = "at least" if goal.direction == "at_least" else "at most"
    start = f"The goal is {rule} {target(desk, goal)} {period_of(desk, goal)}; {pen.month(series.points[-1].period)}"
    if found.met:
        return f"{start} stands at {pen.value(series, found.now)}, which meets it by {pen.size(series, found.gap)}."
    step = abs(found.gap) / len(found.remaining)
    return (
        f"{start} stands at {pen.value(series, found.now)}, {pen.size(series, found.gap)} away."
        f" With {formatting.in_words(len(found.remaining))} months left that is {pen.size(series, step)} a month."
    )


def each(desk: Desk, found: Standing) -> str:
    """`in both November and December`."""
    names = [months.NAMES[period.month - 1] for period in found.remaining]
    if len(names) == 1:
        return f"in {names[0]}"
    if len(names) == 2:
        return f"in both {names[0]} and {names[1]}"
    return f"in each of the {formatting.in_words(len(names))} months from {names[0]} to {names[-1]}"


def arithmetic_line(desk: Desk, series: Series, found: Standing) -> str:
    """How the needed figure and the close come about, so that anybody can check them."""
    lines = []
    calculation = weighted_calculation(desk, series, found)
    if calculation:
        lines.append(calculation)
    closing = f"{whole(desk, found.goal)} closes at"
    if found.unchanged is not None and series.aggregation != "last":
        lines.append(f"If nothing changes, {closing} {desk.pen.value(series, found.unchanged)}.")
    if found.expected is not None:
        lines.append(f"With the forecast, {closing} {desk.pen.value(series, found.expected)}.")
    landed = if_remedied(desk, series, found)
    if landed:
        lines.append(landed)
    return " ".join(lines)


def weighted_calculation(desk: Desk, series: Series, found: Standing) -> str:
    """`(41% × $27,765k − $9,325k) ÷ $4,940k = 41.7%`, for a percentage weighted by money."""
    weight = desk.facts.metric(series.weight)
    if weight is None or found.made is None or found.weight_done is None or found.needed is None:
        return ""
    if weight.unit != "currency" or series.unit != "percent":
        return ""
    money, ahead = desk.pen.currency, arithmetic.total(found.ahead)
    source = "the last month repeated" if found.assumed else f"the {desk.pen.inner(weight)} forecast"
    return (
        f"The calculation: ({target(desk, found.goal)} × {formatting.thousands(found.weight_done + ahead, money)} −"
        f" {formatting.thousands(found.made / 100, money)}) ÷ {formatting.thousands(ahead, money)} ="
        f" {desk.pen.value(series, found.needed)}, with {source} for the months ahead."
    )


def remedied(desk: Desk, series: Series) -> Decimal:
    """How many points the recorded remedies give back, each by its share."""
    causes = desk.facts.causes_of(series.key, series.points[-1].period)
    gains = [-c.points * c.remedy_share for c in causes if c.points is not None and c.remedy_share is not None]
    return arithmetic.total(gains)


def measures(desk: Desk, series: Series) -> str:
    causes = desk.facts.causes_of(series.key, series.points[-1].period)
    count = sum(cause.points is not None and cause.remedy_share is not None for cause in causes)
    known = {1: "that measure lands", 2: "both measures land"}
    return known.get(count, f"all {formatting.in_words(count)} measures land")


def if_remedied(desk: Desk, series: Series, found: Standing) -> str:
    gain = remedied(desk, series)
    if not gain or not found.remaining or series.aggregation not in ("weighted", "mean"):
        return ""
    month = found.now + gain
    better = replace(series.points[-1], value=month)
    changed = replace(series, points=(*series.points, *[replace(better, period=p) for p in found.remaining]))
    weight = desk.facts.metric(series.weight)
    if weight is not None:
        coming = [
            replace(weight.points[-1], period=p, value=v) for p, v in zip(found.remaining, found.ahead, strict=True)
        ]
        weight = replace(weight, points=(*weight.points, *coming))
    after = goals.standing(found.goal, changed, weight)
    if after is None:
        return ""
    count = formatting.in_words(len(found.remaining))
    ahead = f"the last {count} months come" if len(found.remaining) > 1 else "the last month comes"
    return (
        f"If {measures(desk, series)}, {ahead} to {desk.pen.value(series, month)} and {whole(desk, found.goal)} to"
        f" {desk.pen.value(series, after.reached)}."
    )


def goals_table(desk: Desk, *, brief: bool = False) -> Part:
    """All goals, those out of reach first. `brief` leaves out what the worst one needs."""
    rows = []
    for goal in desk.facts.goals:
        series = desk.facts.metric(goal.metric)
        found = goals.standing(goal, series, desk.facts.metric(series.weight)) if series else None
        if series is None or found is None:
            rows.append((2, [plain(goal.title), "", "", "not measured"], ""))
            continue
        rank, verdict = judged(found)
        needed = desk.pen.value(series, found.needed) if found.needed is not None and rank < 3 else ""
        so_far = desk.pen.value(series, found.reached)
        rows.append((rank, [plain(goal.title), so_far, needed, verdict], _needed(desk, series, found)))
    if not rows:
        return Part(lead="The profile has no goals yet.")
    rows.sort(key=lambda row: row[0])
    bad = [row for row in rows if row[0] == 0]
    count = f"{formatting.in_words(len(bad))} of {formatting.in_words(len(rows))} goals"
    lead = f"**{count.capitalize()}** {'is' if len(bad) == 1 else 'are'} out of reach on the present figures."
    speak = not brief and rows[0][0] < 2 and rows[0][2]
    worst = f" The one most at risk is “{rows[0][1][0]}”. {rows[0][2]}" if speak else ""
    header = ["Goal", "So far", "Needed each month", "Verdict~"]
    return Part(lead + worst, (table(header, [cells for _, cells, _ in rows]),), 20)


def most_at_risk(desk: Desk) -> Series | None:
    """The metric of the goal that stands worst; None when all are on track."""
    ranked = []
    for goal in desk.facts.goals:
        series = desk.facts.metric(goal.metric)
        found = goals.standing(goal, series, desk.facts.metric(series.weight)) if series else None
        if series is not None and found is not None:
            ranked.append((judged(found)[0], series))
    worst = min(ranked, key=lambda pair: pair[0], default=None)
    return worst[1] if worst and worst[0] < 2 else None


def judged(found: Standing) -> tuple[int, str]:
    """Rank (0 worst) and verdict."""
    if found.met and (found.ends_met or not found.remaining):
        return 4, "met so far" if found.remaining else "reached"
    if not found.remaining:
        return 0, "missed"
    if found.out_of_reach:
        return 0, "out of reach"
    if found.ends_met or (found.expected is not None and not found.better(found.goal.target, found.expected)):
        return 3, "on track"
    return 1, "at risk"
