"""What a page says of a goal."""

from datetime import date
from decimal import Decimal

import pytest

from csuite.pages.goals import goal_rows
from csuite.profiles.records import GoalRecord, Point, Series

SERIES = Series("revenue", "Revenue", "currency", points=(Point(date(2026, 10, 1), Decimal(500_000)),))


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (date(2026, 11, 1), ("", "Begins", None)),
        (date(2026, 10, 1), ("$500k", "On course", 8)),
    ],
)
def test_a_goal_whose_first_month_is_not_closed_yet_is_neither_on_course_nor_at_nothing(
    start: date, said: tuple[str, str, int | None]
) -> None:
    goal = GoalRecord(
        "r", "Revenue of $6m", "revenue", Decimal(6_000_000), "currency", "at_least", start, date(2027, 12, 31)
    )
    (row,) = goal_rows([goal], [SERIES], "USD")
    assert (row.now, row.verdict, row.share) == said
