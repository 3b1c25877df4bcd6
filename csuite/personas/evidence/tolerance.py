"""How far a written figure may be from the true one: the precision of its digits, and what softens it."""

from decimal import Decimal

from csuite.personas.evidence.records import Figure, Kind, Reading

HALF, ABOUT, ONE_SIDED = Decimal("0.5"), Decimal("0.015"), Decimal("0.1")
SLACK = Decimal("0.000001")
ONE = (Decimal(1),)


def written(figure: Figure, value: Decimal, unit: Kind) -> bool:
    """Whether the figure, in one of its readings and scales, is the value, sign apart."""
    true = abs(value)
    wide = unit not in ("percent", "points")
    return any(
        close(Reading(reading.value * scale, reading.step * scale), true, figure.about, wide)
        for reading in figure.readings
        for scale in figure.scales or ONE
    )


def close(written: Reading, true: Decimal, about: str = "", wide: bool = True) -> bool:
    """Half a step of the last digit written; softened figures are wider, to the side that the word names."""
    step = written.step * HALF + SLACK
    if about == "about":
        step = max(step, written.value * ABOUT) if wide else step
    if about == "over":
        return written.value - step <= true <= written.value * (1 + ONE_SIDED) + step
    if about == "under":
        return written.value * (1 - ONE_SIDED) - step <= true <= written.value + step
    return abs(written.value - true) <= step
