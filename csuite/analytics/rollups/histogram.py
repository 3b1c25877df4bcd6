"""Distributions that can be added: how many values fell into each bucket, 8 % wide.

A percentile read from one is within 4 % of the value. A cell keeps all its distributions in one array of numbers: in
the upper half which distribution and which bucket, in the lower one its count. So a quiet hour costs a few bytes, and
one pass over the arrays adds them all up.
"""

import math
from collections.abc import Collection, Mapping

WIDTH = 1.08
SHIFT = 32
MASK = (1 << SHIFT) - 1
BUCKETS = 10  # bits: 1024 buckets reach far beyond every value

# name -> SQL of the value whose distribution is kept, null where there is none
DISTRIBUTIONS = {
    "first_ms": "ttft_ms",
    "total_ms": "total_ms",
    # tenths of a token per second, from the first text to the end
    "speed": (
        "CASE WHEN ttft_ms IS NOT NULL AND total_ms > ttft_ms AND completion_tokens > 1"
        " THEN round(completion_tokens * 10000.0 / (total_ms - ttft_ms)) END"
    ),
}
PLACES = BUCKETS + len(DISTRIBUTIONS).bit_length()  # bits of distribution and bucket
NUMBERS = {name: number for number, name in enumerate(DISTRIBUTIONS)}
READ = ("ttft_ms", "total_ms", "completion_tokens")  # columns of the ledger


def bucket(value: float) -> int:
    """Below 1 is the first."""
    return math.floor(math.log(max(value, 1)) / math.log(WIDTH))


def place_sql(name: str) -> str:
    """SQL of distribution and bucket of a row, null where there is no value; in brackets."""
    value = f"ln(greatest(({DISTRIBUTIONS[name]}), 1)::float8)"
    known, bucket_sql = f"({DISTRIBUTIONS[name]}) IS NOT NULL", f"floor({value} / ln({WIDTH}::float8))::bigint"
    return f"(CASE WHEN {known} THEN {NUMBERS[name] << BUCKETS} + {bucket_sql} END)"


def unpack(packed: Collection[int], name: str) -> dict[int, int]:
    """{bucket: count} of one distribution, from the array of a cell."""
    first = NUMBERS[name] << BUCKETS
    places = ((number >> SHIFT) - first for number in packed)
    counts = zip(places, (number & MASK for number in packed), strict=True)
    return {place: count for place, count in counts if 0 <= place < 1 << BUCKETS}


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The value that `share` (0 to 1) of all values do not exceed; None without values."""
    total = sum(counts.values())
    if not total:
        return None
    wanted, seen = share * total, 0
    for place in sorted(counts):
        seen += counts[place]
        if seen >= wanted:
            return float(WIDTH ** (place + 0.5))
    raise AssertionError("the counts add up to their total")
