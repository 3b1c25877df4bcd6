"""Distributions that can be added: how many values fell into each bucket, 5 % wide.

A percentile read from one is within 2.5 % of the value. A cell keeps its buckets as an array of numbers, the bucket
in the upper half and its count in the lower one, so that a quiet hour costs a few bytes.
"""

import math
from collections.abc import Mapping

WIDTH = 1.05
SHIFT = 32
MASK = (1 << SHIFT) - 1
# Of a value in SQL; below 1 is the first bucket.
BUCKET = f"floor(ln(greatest({{value}}, 1)::float8) / ln({WIDTH}::float8))::bigint"


def bucket(value: float) -> int:
    return math.floor(math.log(max(value, 1)) / math.log(WIDTH))


def unpack(packed: list[int]) -> dict[int, int]:
    """{bucket: count} from the array of a cell."""
    return {number >> SHIFT: number & MASK for number in packed}


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
