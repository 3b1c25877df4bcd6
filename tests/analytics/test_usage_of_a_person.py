"""`GET /api/v1/llm/usage/<user>`."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from csuite.llm.usage import Usage
from csuite.tenants.models import Membership
from tests.analytics.booking import booked
from tests.analytics.money import budget
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
PERIOD = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}


def ask(cast: Cast, who: str, user: Any = "me", **query: str) -> Any:
    return cast.client(getattr(cast, who)).get(f"/api/v1/llm/usage/{user}", query or PERIOD)


def test_totals_models_and_personas_are_summed(cast: Cast) -> None:
    booked(cast.acme.id, cast.bob.id)
    booked(cast.acme.id, cast.bob.id, usage=Usage(10, 5, estimated=True), cost=None, error_kind="midstream")
    apart = Usage(prompt=100, completion=50, cached=900, cached_apart=True)
    booked(
        cast.acme.id,
        cast.bob.id,
        provider="anthropic",
        model="claude",
        usage=apart,
        cost=Decimal("1.5"),
        currency="EUR",
    )
    booked(cast.acme.id, cast.alice.id)
    body = ask(cast, "bob").json()
    assert body["user"] == str(cast.bob.id)
    assert body["period"] == PERIOD
    assert body["totals"] == {
        "calls": 3, "failed": 1, "estimated_calls": 1, "unpriced_calls": 1, "tokens": 1200 + 15 + 1050,
        "prompt": 1110, "completion": 255, "cached": 900, "reasoning": 0,
        "costs": [{"currency": "EUR", "amount": "1.5"}, {"currency": "USD", "amount": "0.0123"}],
    }  # fmt: skip
    assert [(row["provider"], row["calls"]) for row in body["by_model"]] == [("openai", 2), ("anthropic", 1)]
    assert [(row["persona"], row["tokens"]) for row in body["by_persona"]] == [("cfo", 2265)]
    assert {row["name"] for row in body["limits"]} >= {"chat", "user_day"}


def test_nothing_used_is_zeros(cast: Cast) -> None:
    body = ask(cast, "bob").json()
    assert body["totals"]["calls"] == 0
    assert body["by_model"] == []


def test_the_period_holds_its_first_moment_and_not_its_last(cast: Cast) -> None:
    start, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    for moment in (start - timedelta(microseconds=1), start, end - timedelta(microseconds=1), end):
        booked(cast.acme.id, cast.bob.id, started_at=moment)
    assert ask(cast, "bob").json()["totals"]["calls"] == 2
    east = {"from": "2026-11-01T01:00:00+01:00", "to": "2026-12-01T00:00:00"}
    assert ask(cast, "bob", **east).json()["totals"]["calls"] == 2


def test_without_a_period_it_is_this_month(cast: Cast) -> None:
    booked(cast.acme.id, cast.bob.id, started_at=datetime.now(UTC) - timedelta(days=40))
    booked(cast.acme.id, cast.bob.id, started_at=datetime.now(UTC))
    response = cast.client(cast.bob).get("/api/v1/llm/usage/me")
    assert response.json()["totals"]["calls"] == 1


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2026-11-02T00:00:00Z", "to": "2026-11-01T00:00:00Z"},
        {"from": "2020-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
        {"to": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_a_period_that_is_none_is_refused(cast: Cast, query: dict[str, str]) -> None:
    response = ask(cast, "bob", **query)
    assert (response.status_code, response.json()["code"]) == (400, "bad_frame")


@pytest.mark.parametrize("who", ["fiona", "alice"])
def test_finance_and_admins_see_everybody_of_their_company_also_who_left(cast: Cast, who: str) -> None:
    booked(cast.acme.id, cast.bob.id)
    assert ask(cast, who, cast.bob.id).json()["totals"]["calls"] == 1
    Membership.objects.filter(user=cast.bob).update(is_active=False)
    assert ask(cast, who, cast.bob.id).json()["totals"]["calls"] == 1


def test_for_everybody_else_a_person_is_the_same_404_as_nobody(cast: Cast) -> None:
    booked(cast.acme.id, cast.alice.id)
    answers = [
        ask(cast, "bob", cast.alice.id),
        ask(cast, "bob", uuid4()),
        ask(cast, "bob", "alice"),
        ask(cast, "charlie", cast.alice.id),
        ask(cast, "fiona", cast.charlie.id),
        ask(cast, "fiona", "..%2f..%2fetc%2fpasswd"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers[:-1]}) == 1


def test_what_the_tightest_budget_leaves_is_told(cast: Cast) -> None:
    assert ask(cast, "bob").json()["budget_left"] == []
    budget(cast.acme.id, "50")
    budget(cast.acme.id, "1.5", scope="user", user=cast.bob.id)
    budget(cast.rival.id, "0")
    assert ask(cast, "bob").json()["budget_left"] == [{"currency": "USD", "amount": "1.5"}]
    assert ask(cast, "fiona", cast.bob.id).json()["budget_left"] == [{"currency": "USD", "amount": "1.5"}]
    assert ask(cast, "fiona").json()["budget_left"] == [{"currency": "USD", "amount": "50"}]
