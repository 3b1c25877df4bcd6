"""Percentiles from distributions that can be added."""

from collections import defaultdict

import pytest

from csuite.analytics.rollups.histogram import bucket, percentile


@pytest.mark.parametrize("values", [[420], [1, 1, 1], [100, 200, 300, 400, 50_000], list(range(1, 2000))])
@pytest.mark.parametrize("share", [0.5, 0.95, 1.0])
def test_a_percentile_is_within_four_percent(values: list[int], share: float) -> None:
    counts: dict[int, int] = defaultdict(int)
    for value in values:
        counts[bucket(value)] += 1
    exact = sorted(values)[max(0, -(-len(values) * int(share * 100) // 100) - 1)]
    assert percentile(counts, share) == pytest.approx(exact, rel=0.04)


def test_without_values_there_is_no_percentile() -> None:
    assert percentile({}, 0.95) is None
