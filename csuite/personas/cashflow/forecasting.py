"""Expected invoices and payments by week or month, with a range that four in five such periods lie in.

Every deal and invoice brings its draws. A period's expected value is the share of draws that fall into it, times the
value; the range comes from adding the draws of all, each in an order of its own, moved together as far as the
company's own past forecasts say that they do (`together`). The same draws give dates, values and ranges, so that they
agree, and the same input gives the same output.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from csuite.personas.cashflow.assumptions import Assumptions
from csuite.personas.cashflow.chances import TAIL, Pair, at_value, mixed_pairs
from csuite.personas.cashflow.correcting import Hints
from csuite.personas.cashflow.facts import BadFact, Book, Override
from csuite.personas.cashflow.learning import Learned
from csuite.personas.cashflow.predicting import Predicted, predict_deal_dates
from csuite.personas.cashflow.results import (
    GRANULARITIES,
    Bucket,
    Forecast,
    Granularity,
    LeftOut,
    Metadata,
    Prediction,
)
from csuite.personas.cashflow.swings import Swings, swings

LONGEST_HORIZON = 1095
CENT = Decimal("0.01")


def predict_cashflow(
    pipeline_name: str,
    horizon_days: int,
    granularity: Granularity,
    *,
    book: Book,
    today: date,
    currency: str,
    assumptions: Assumptions | None = None,
    learned: Learned | None = None,
    overrides: Mapping[str, Override] | None = None,
    hints: Hints | None = None,
    least_confidence: float = 0.0,
    seed: str = "cashflow",
) -> Forecast:
    """The cash of one pipeline (an empty name: of all) over the next `horizon_days` days, 1 to 1095.

    Predictions below `least_confidence` (0 to 1) are left out and counted as such. Raises BadFact for a horizon,
    granularity or value that makes no sense. See `predict_deal_dates` for the rest.
    """
    _check(horizon_days, granularity, least_confidence)
    predicted = predict_deal_dates(
        _of_pipeline(book, pipeline_name),
        today,
        currency,
        assumptions=assumptions,
        learned=learned,
        overrides=overrides,
        hints=hints,
        seed=seed,
    )
    kept = [one for one in predicted.predictions if one.confidence >= least_confidence]
    periods = periods_of(today, horizon_days, granularity)
    swung = swings(learned, _courses(predicted), (periods[-1][1] - today).days, seed)
    buckets, shares, metadata = _summed(kept, predicted, periods, today, seed, swung, assumptions or Assumptions())
    return Forecast(
        pipeline=pipeline_name,
        today=today,
        horizon_days=horizon_days,
        granularity=granularity,
        currency=currency,
        buckets=buckets,
        predictions=tuple(kept),
        left_out=(*predicted.left_out, *_unsure(predicted, least_confidence)),
        metadata=metadata,
        shares=shares,
    )


def _unsure(predicted: Predicted, least: float) -> list[LeftOut]:
    return [
        LeftOut(one.kind, one.id, f"confidence {one.confidence:.2f}, under {least:.2f}")
        for one in predicted.predictions
        if one.confidence < least
    ]


def _courses(predicted: Predicted) -> int:
    return max((len(pairs) for pairs in predicted.pairs.values()), default=1)


def _check(horizon_days: int, granularity: str, least_confidence: float) -> None:
    if isinstance(horizon_days, bool) or not isinstance(horizon_days, int):
        raise BadFact(f"horizon_days must be a whole number, not {type(horizon_days).__name__}")
    if not 1 <= horizon_days <= LONGEST_HORIZON:
        raise BadFact(f"horizon_days must lie between 1 and {LONGEST_HORIZON}, not {horizon_days}")
    if granularity not in GRANULARITIES:
        raise BadFact(f"granularity must be one of {', '.join(GRANULARITIES)}, not {granularity!r}")
    if not 0 <= least_confidence <= 1:
        raise BadFact(f"least_confidence must lie between 0 and 1, not {least_confidence}")


def _of_pipeline(book: Book, name: str) -> Book:
    if not name:
        return book
    deals = tuple(deal for deal in book.deals if deal.pipeline == name)
    ids = {deal.id for deal in deals}
    invoices = tuple(one for one in book.invoices if one.pipeline == name or (one.deal and one.deal in ids))
    return Book(deals, invoices, ())


def periods_of(today: date, horizon_days: int, granularity: Granularity) -> list[tuple[date, date]]:
    """(first day, last day) of the weeks (from Monday) or months from tomorrow to the horizon; the first begins with
    its Monday or first of the month, the last is cut."""
    last, found = today + timedelta(days=horizon_days), []
    tomorrow = today + timedelta(days=1)
    start = tomorrow - timedelta(days=tomorrow.weekday()) if granularity == "week" else tomorrow.replace(day=1)
    while start <= last:
        following = start + timedelta(days=7)
        if granularity == "month":
            following = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
        found.append((start, min(last, following - timedelta(days=1))))
        start = following
    return found


@dataclass(slots=True)
class Sum:
    """One period while it is added up: the payments of each simulated course, and draws counted per value."""

    courses: list[float]
    invoiced: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    deals: int = 0


def _summed(
    kept: Sequence[Prediction],
    predicted: Predicted,
    periods: Sequence[tuple[date, date]],
    today: date,
    seed: str,
    swung: Swings,
    rules: Assumptions,
) -> tuple[tuple[Bucket, ...], dict[tuple[str, str], tuple[Decimal, ...]], Metadata]:
    place = _places(periods, today)
    sums = [Sum([0.0] * _courses(predicted)) for _ in periods]
    beyond, shares = Decimal(0), dict[tuple[str, str], tuple[Decimal, ...]]()
    for one in kept:
        pairs = mixed_pairs(predicted.pairs[one.kind, one.id], f"{seed}:{one.kind}:{one.id}")
        _run(one, pairs, place, sums, swung, rules)
        shares[one.kind, one.id], later = _add(one, pairs, place, sums)
        beyond += later
        day = (one.payment.on - today).days
        if 0 < day < len(place):
            sums[place[day]].deals += 1
    paid = _rounded([*(total.paid for total in sums), beyond])
    invoiced = _rounded([total.invoiced for total in sums])
    buckets = tuple(
        Bucket(
            start,
            end,
            total.deals,
            bill,
            cash,
            _cents(at_value(total.courses, TAIL)),
            _cents(at_value(total.courses, 1 - TAIL)),
        )
        for (start, end), total, bill, cash in zip(periods, sums, invoiced, paid, strict=False)
    )
    confidences = [one.confidence for one in kept]
    metadata = Metadata(
        analyzed=len(predicted.predictions) + len(predicted.left_out),
        average_confidence=round(sum(confidences) / len(confidences), 2) if confidences else None,
        expected=sum(paid, Decimal(0)),
        beyond=paid[-1],
        warnings=predicted.warnings,
        partial=predicted.partial,
    )
    return buckets, shares, metadata


def _places(periods: Sequence[tuple[date, date]], today: date) -> list[int]:
    """The period of each day ahead; day 0 stands for nothing."""
    place = [0]
    for number, (start, end) in enumerate(periods):
        first = max(start, today + timedelta(days=1))
        place += [number] * ((end - first).days + 1)
    return place


def _run(
    one: Prediction,
    pairs: Sequence[Pair],
    place: Sequence[int],
    sums: Sequence[Sum],
    swung: Swings,
    rules: Assumptions,
) -> None:
    """Adds a prediction's payments to the courses, with the luck that the course shares among all."""
    value, last = float(one.value), len(place) - 1
    factors = swung.stages.get(rules.stage(one.stage)) if one.kind == "deal" else None
    for course, (_, payment) in enumerate(pairs):
        if payment is None:
            continue
        if swung.weeks:
            payment = swung.day(payment, course)
        if payment <= last:
            sums[place[payment]].courses[course] += value * factors[course] if factors else value


def _add(
    one: Prediction, pairs: Sequence[Pair], place: Sequence[int], sums: Sequence[Sum]
) -> tuple[tuple[Decimal, ...], Decimal]:
    """Adds a prediction's expected amounts to the periods; returns what of its value is paid in each and after them."""
    last, later = len(place) - 1, 0
    bills, cash = [0] * len(sums), [0] * len(sums)
    for bill, payment in pairs:
        if bill is not None and 0 < bill <= last:
            bills[place[bill]] += 1
        if payment is None:
            continue
        if payment <= last:
            cash[place[payment]] += 1
        else:
            later += 1
    share = one.value / len(pairs)
    paid = tuple(share * count for count in cash)
    for total, billed, amount in zip(sums, bills, paid, strict=True):
        total.invoiced += share * billed
        total.paid += amount
    return paid, share * later


def _rounded(values: Sequence[Decimal]) -> list[Decimal]:
    """Whole cents that add up to the rounded sum: what one rounding takes, the next gives back."""
    found, exact, given = [], Decimal(0), Decimal(0)
    for value in values:
        exact += value
        cents = exact.quantize(CENT, ROUND_HALF_EVEN) - given
        found.append(cents)
        given += cents
    return found


def _cents(value: float) -> Decimal:
    return Decimal(value).quantize(CENT, ROUND_HALF_EVEN)
