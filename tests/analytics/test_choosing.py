"""What a query string means: months in UTC, marks, and anything that cannot be read."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from csuite.analytics.calls import Choice, Mark, Month, recent_months

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_month_begins_and_ends_at_midnight_utc() -> None:
    month = Month(2026, 12)
    assert month.start == datetime(2026, 12, 1, tzinfo=UTC)
    assert month.end == datetime(2027, 1, 1, tzinfo=UTC)


def test_the_month_of_a_moment_is_the_one_in_utc() -> None:
    in_tokyo = datetime(2026, 12, 1, 8, tzinfo=timezone(timedelta(hours=9)))
    assert Month.of(in_tokyo) == Month(2026, 11)


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "x", "0000-01", "2026-11-01", "99999-01"])
def test_what_is_no_month_is_none(text: str) -> None:
    assert Month.parse(text) is None


def test_recent_months_cross_the_year() -> None:
    assert [str(month) for month in recent_months(datetime(2026, 2, 1, tzinfo=UTC), 4)] == [
        "2026-02",
        "2026-01",
        "2025-12",
        "2025-11",
    ]


def test_a_choice_reads_its_own_query_again() -> None:
    choice = Choice(Month(2026, 10), uuid4(), "cfo", "openrouter/openai/gpt-4.1")
    assert Choice.from_query(QueryDict(choice.query()), NOW) == choice


def test_what_cannot_be_read_is_left_out() -> None:
    query = QueryDict("month=later&person=bob&persona=c%00fo")
    assert Choice.from_query(query, NOW) == Choice(Month(2026, 11), None, "cfo", "")


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 2), max_value=datetime(2900, 1, 1)), st.uuids())
def test_a_mark_reads_its_own_text_again_to_the_microsecond(moment: datetime, key: UUID) -> None:
    mark = Mark(moment, key)
    assert Mark.parse(str(mark)) == mark


@pytest.mark.parametrize("text", ["", "x", "1_x", f"{10**20}_{UUID(int=1)}", "-_-"])
def test_what_is_no_mark_is_none(text: str) -> None:
    assert Mark.parse(text) is None
