"""When a question cannot be answered from the data: say so, and what can be."""

from csuite.personas.analyst.parts import Desk, Part
from csuite.personas.analyst.pen import joined, plain
from csuite.personas.analyst.reach import target
from csuite.profiles import months
from csuite.profiles.records import Elsewhere, Series

EXAMPLES = 3


def unknown(desk: Desk) -> Part:
    seen = [s for s in desk.facts.metrics if s.key in desk.facts.sees and s.points]
    names = joined([desk.pen.inner(series) for series in seen])
    lead = "I cannot answer that from your figures. Without a language model I only read metrics, goals and what is"
    lead += f" recorded about them. I see {names}, up to {months.long(desk.pen.newest)}."
    lines = "\n".join(f"- {example}" for example in examples(desk, seen))
    return Part(lead=lead, body=(f"You could ask:\n\n{lines}",), rank=20, is_excuse=True)


def examples(desk: Desk, seen: list[Series]) -> list[str]:
    """Questions that the data answer, from the tenant's own metrics and goals."""
    result = []
    for series in seen[:1]:
        goal = next((goal for goal in desk.facts.goals if goal.metric == series.key), None)
        verb = "fall" if len(series.points) > 1 and series.points[-1].value < series.points[-2].value else "rise"
        ask = f"Why did {desk.pen.inner(series)} {verb} in {desk.pen.month(series.points[-1].period)}"
        result.append(f"{ask}, and can we still reach {target(desk, goal)}?" if goal else f"{ask}?")
    result += [f"{desk.pen.name(series)}, last four months?" for series in seen[2:3]]
    result += ["Which of our goals is most at risk?"] if desk.facts.goals else []
    return result[:EXAMPLES]


def elsewhere(hidden: tuple[Elsewhere, ...]) -> Part:
    """Metrics that another persona sees."""
    said = [f"{plain(it.name)} is not among the figures I see; ask the {plain(it.who)}." for it in hidden]
    return Part(lead=" ".join(said))
