"""Arithmetic on figures that the answer has named just before and that were found: sums, shares, products, rests."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate, Kind
from csuite.profiles import arithmetic, formatting

REACH = 6
_THAT = re.compile(r"\W*(?:above|below|over|under|more than|less than|higher than|lower than) (?:that|this|it)\b")


def local(query: Query, known: Knowledge) -> Iterator[Candidate]:
    near = (*query.here, *(one for one in query.matched if one not in query.here))[:REACH]
    yield from _sums(query, near)
    for one in query.here[:1]:
        if one.unit == "percent" and "percent" in query.kinds and query.says("difference"):
            yield _made((one,), 100 - one.value, "percent", "")
    yield from _than_that(query, known)
    for first, second in combinations((*query.here, *query.matched[:2])[:4], 2):
        for above, below in ((first, second), (second, first)):
            yield from _pairs(query, above, below)


def _than_that(query: Query, known: Knowledge) -> Iterator[Candidate]:
    """`October was 3.2% above that`: the metric against the figure named before."""
    if "percent" not in query.kinds or not query.matched or not _THAT.match(query.following):
        return
    other = query.matched[0]
    quantity = known.plain(other.metric)
    for span in query.own if quantity and quantity.unit == other.unit and other.value else ():
        found = quantity.over(span) if quantity else None
        if found:
            yield replace(
                _made((found, other), (found.value - other.value) / abs(other.value) * 100, "percent", " against "),
                change=True,
            )


def _sums(query: Query, near: tuple[Candidate, ...]) -> Iterator[Candidate]:
    if not query.says("total"):
        return
    for unit in query.kinds:
        same = [one for one in near if one.unit == unit]
        for count in range(2, len(same) + 1):
            some = same[:count]
            yield _made(some, arithmetic.total([one.value for one in some]), unit, " + ")


def _pairs(query: Query, above: Candidate, below: Candidate) -> Iterator[Candidate]:
    same = above.unit == below.unit and (above.metric == below.metric or (above in query.here and below in query.here))
    if same and above.unit in query.kinds and query.says("difference", "gap", "extra", "less"):
        yield _made((above, below), abs(above.value - below.value), above.unit, " − ")
    if same and above.unit == "percent" and "points" in query.kinds:
        yield _made((above, below), abs(above.value - below.value), "points", " − ")
    share = query.says("share", "per") or query.has("after:share") or query.alone
    if same and "percent" in query.kinds and below.value and share and not above.change:
        yield _made((above, below), above.value / below.value * 100, "percent", " ÷ ")
    if same and query.figure.kind in ("multiple", "bare") and below.value and query.says("per"):
        yield _made(
            (above, below), above.value / below.value, "multiple" if query.figure.kind == "multiple" else "count", " ÷ "
        )
    if (
        below.unit == "percent"
        and above.unit in query.kinds
        and above.unit in ("currency", "count")
        and not below.change
    ):
        yield _made((above, below), above.value * below.value / 100, above.unit, " × ")
    if below.unit == "count" and above.unit == "currency" and "currency" in query.kinds and query.says("per"):
        yield _made((above, below), above.value / below.value if below.value else Decimal(0), "currency", " ÷ ")


def _made(parts: list[Candidate] | tuple[Candidate, ...], value: Decimal, unit: Kind, sign: str) -> Candidate:
    told = sign.join(
        formatting.number(one.value, 0 if one.value == one.value.to_integral_value() else 2) for one in parts
    )
    return Candidate(
        value,
        unit,
        parts[0].metric,
        parts[0].period,
        f"{told} = {formatting.number(value, 2)}"
        if len(parts) > 1
        else f"100% − {told}% = {formatting.number(value, 2)}%",
        tuple(dict.fromkeys(fact for one in parts for fact in one.facts)),
        as_of=parts[0].as_of,
    )
