"""What to do, by rule: the recorded remedies, the largest effect first."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from csuite.personas.analyst.parts import Desk, Part
from csuite.personas.analyst.pen import plain
from csuite.profiles.records import Cause, Series

SHARES = {
    Fraction(1, 3): "A third",
    Fraction(1, 2): "Half",
    Fraction(2, 3): "Two thirds",
    Fraction(3, 4): "Three quarters",
    Fraction(1, 4): "A quarter",
}


def advise(desk: Desk, chosen: Sequence[Series]) -> Part:
    """A numbered list; empty when nothing is recorded that would help."""
    items: dict[str, tuple[Decimal, str]] = {}
    for series in chosen:
        for cause in desk.facts.causes_of(series.key, series.points[-1].period):
            if cause.remedy:
                gain = abs((cause.points or Decimal(0)) * (cause.remedy_share or Decimal(0)))
                items.setdefault(cause.remedy, (gain, _item(desk, series, cause)))
    if not items:
        return Part()
    lines = [f"{place}. {text}" for place, (_, text) in enumerate(sorted(items.values(), key=_by_gain), 1)]
    title = {"ceo": "What I would decide", "cfo": "What I would do"}.get(desk.persona, "What I would try")
    return Part(body=(f"### {title}\n\n" + "\n".join(lines),), rank=30)


def _by_gain(item: tuple[Decimal, str]) -> Decimal:
    return -item[0]


def _item(desk: Desk, series: Series, cause: Cause) -> str:
    text = f"{plain(cause.remedy)}."
    if cause.points is None or not cause.remedy_share:
        return text
    gain = desk.pen.size(series, cause.points * cause.remedy_share)
    effect = plain(cause.cause)
    if cause.remedy_share == 1:
        return f"{text} It takes away the whole effect of “{effect}”, {gain}."
    near = min(SHARES, key=lambda share: abs(share - Fraction(cause.remedy_share or 0)))
    return f"{text} {SHARES[near]} of the effect of “{effect}” goes with it, {gain}."
