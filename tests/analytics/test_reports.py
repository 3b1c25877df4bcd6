"""The ten reports for programs: what they add up to, whose they are, how they are asked, and how they page."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.test import AsyncClient
from django.utils import timezone

from csuite.analytics.models import CacheEvent
from csuite.analytics.queries import QUERIES
from csuite.analytics.queries.asking import cursor_of
from csuite.llm.usage import Usage
from csuite.tenants.db import in_db
from csuite.tenants.models import PlatformAudit
from csuite.tenants.scope import tenant_scope
from tests.analytics.booking import NOW, booked

pytestmark = pytest.mark.django_db

NAMES = [query.name for query in QUERIES]
NOVEMBER = {"from": "2026-11-01", "to": "2026-12-01"}


def asked(cast: Any, name: str, who: str = "fiona", status: int = 200, **query: Any) -> Any:
    response = cast.client(getattr(cast, who)).get(f"/api/v1/analytics/llm/{name}", {**NOVEMBER, **query})
    assert response.status_code == status, response.content
    return response.json()


def some_calls(cast: Any) -> UUID:
    deal = uuid4()
    labels = {"deal": str(deal), "persona": "cfo", "user": str(cast.bob.id), "kind": "answer"}
    booked(cast.acme.id, labels=labels, cost=Decimal("1.25"), ttft_ms=400, total_ms=2400)
    booked(cast.acme.id, labels=labels, cost=Decimal("0.75"), provider="groq", model="llama", fallback=True, number=2)
    booked(
        cast.acme.id, labels={"persona": "cto"}, error_kind="timeout", cost=Decimal("0"), usage=Usage(), ttft_ms=None,
        total_ms=9000, provider="groq", model="llama",
    )  # fmt: skip
    booked(cast.acme.id, cost=None, provider="mistral", model="new", json_valid=False)
    booked(cast.rival.id, cost=Decimal("100"))
    return deal


@pytest.mark.parametrize("name", NAMES)
def test_every_report_has_the_same_shape_and_keeps_what_openapi_promises(cast: Any, name: str) -> None:
    some_calls(cast)
    found = asked(cast, name)
    assert set(found) == {"period", "currency", "rows", "totals", "unpriced_calls", "next"}
    assert found["period"]["from"] == "2026-11-01T00:00:00Z"
    assert found["period"]["to"] == "2026-12-01T00:00:00Z"
    spec = cast.client().get("/api/v1/openapi.json").json()
    schema = spec["paths"][f"/api/v1/analytics/llm/{name}"]["get"]["responses"]["200"]["content"]
    promised = spec["components"]["schemas"][schema["application/json"]["schema"]["$ref"].rpartition("/")[2]]
    assert set(promised["properties"]) == set(found)
    row = spec["components"]["schemas"][promised["properties"]["rows"]["items"]["$ref"].rpartition("/")[2]]
    for one in found["rows"]:
        assert set(one) <= set(row["properties"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("granularity", ["hour", "day", "month"])
def test_every_group_answers_at_every_granularity_and_adds_up(cast: Any, name: str, granularity: str) -> None:
    some_calls(cast)
    query = next(query for query in QUERIES if query.name == name)
    span: dict[str, Any] = {"from": "2026-11-20", "to": "2026-11-21"}
    for group in query.groups:
        if group == "tenant":
            continue
        found = asked(cast, name, granularity=granularity, group=group, **span)
        for figure in ("calls", "tokens", "unpriced_calls"):
            if figure in found["totals"]:
                assert sum(row[figure] for row in found["rows"]) == found["totals"][figure]
        if "cost" in found["totals"]:
            assert sum(Decimal(row["cost"] or 0) for row in found["rows"]) == Decimal(found["totals"]["cost"] or 0)
        for row in found["rows"]:
            assert row["period"].endswith("Z")


def test_the_same_cost_in_every_report(cast: Any) -> None:
    some_calls(cast)
    for name in ("model-selection", "task-performance", "cost-trend", "provider-comparison", "cycle-breakdown"):
        found = asked(cast, name)
        assert (found["totals"]["cost"], found["unpriced_calls"], found["currency"]) == ("2.00", 1, "USD"), name


def test_a_deal_costs_what_its_calls_cost(cast: Any) -> None:
    deal = some_calls(cast)
    (row,) = asked(cast, "cost-per-deal")["rows"]
    assert row == {
        "period": None, "deal": str(deal), "task": None, "currency": "USD", "calls": 2, "tokens": 2400,
        "cost": "2.00", "unpriced_calls": 0, "cost_per_call": "1.00", "share_of_cost": 1.0,
    }  # fmt: skip


def test_an_unknown_cost_is_null_and_counted_apart(cast: Any) -> None:
    some_calls(cast)
    rows = {row["provider"]: row for row in asked(cast, "provider-comparison")["rows"]}
    assert rows["mistral"]["cost"] is None
    assert rows["mistral"]["unpriced_calls"] == 1
    assert rows["groq"]["error_rate"] == 0.5
    assert rows["groq"]["uptime"] == 0.5
    assert rows["openai"]["ttft_ms_p95"] == pytest.approx(400, rel=0.04)
    assert rows["openai"]["tokens_per_second"] == pytest.approx(100, rel=0.04)


def test_errors_are_a_share_of_all_attempts(cast: Any) -> None:
    some_calls(cast)
    found = asked(cast, "error-analysis")
    (row,) = found["rows"]
    assert (row["error_kind"], row["calls"], row["rate"]) == ("timeout", 1, 0.25)
    assert found["totals"]["attempts"] == 4


def test_cache_and_compression_are_empty_until_something_is_saved(cast: Any) -> None:
    some_calls(cast)
    for name in ("cache-effectiveness", "compression-effectiveness"):
        assert asked(cast, name)["rows"] == []
    with tenant_scope(cast.acme.id):
        CacheEvent.objects.create(
            event="hit", cache="exact", at=NOW, tokens_saved=7, cost_saved=Decimal("0.5"), currency="USD"
        )
    booked(cast.acme.id, compression_saved=300)
    (cached,) = asked(cast, "cache-effectiveness")["rows"]
    assert (cached["hits"], cached["hit_rate"], cached["cost_saved"]) == (1, 1.0, "0.50")
    (compressed,) = asked(cast, "compression-effectiveness")["rows"]
    assert compressed["tokens_saved"] == 300


def test_pages_follow_each_other_and_miss_nothing(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csuite.analytics.api.PAGE", 3)
    for n in range(8):
        booked(cast.acme.id, started_at=NOW - timedelta(days=n // 2), model=f"m{n % 2}")
    seen: list[Any] = []
    cursor = ""
    while True:
        found = asked(cast, "cost-trend", group="model", cursor=cursor)
        seen += [(row["period"], row["model"]) for row in found["rows"]]
        cursor = found["next"]
        if not cursor:
            break
        assert found["totals"]["calls"] == 8
    assert len(seen) == len(set(seen)) == 8
    assert seen == sorted(seen)


def test_a_page_of_days_reaches_over_years_without_calls(cast: Any) -> None:
    for back in (0, 40, 700):
        booked(cast.acme.id, started_at=NOW - timedelta(days=back))
    call_command("fill_rollups", stdout=io.StringIO())
    span: dict[str, Any] = {"from": "2024-12-01", "to": "2026-12-01"}
    assert [row["calls"] for row in asked(cast, "cost-trend", granularity="day", **span)["rows"]] == [1, 1, 1]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"from": "yesterday"}, "From is a date like"),
        ({"from": "2026-12-01", "to": "2026-11-01"}, "From lies before to"),
        ({"group": "planet"}, "Group is one of"),
        ({"group": "tenant"}, "Only the platform"),
        ({"granularity": "week"}, "Not valid: granularity"),
        ({"cursor": "abc"}, "cursor"),
        ({"cursor": "WyJhIl0"}, "cursor"),
        ({"cursor": "WyJhIiwiVVNEIl0"}, "cursor"),
        ({"from": "2020-01-01", "to": "2020-01-02", "granularity": "hour"}, "Hours are kept since"),
        ({"from": "2026-11-01T00:00:30Z"}, "whole hours"),
        ({"from": "2001-01-01"}, "three years"),
        ({"granularity": "hour", "from": "2026-09-01"}, "31 days"),
        ({"from": "0001-01-01T00:00:00+14:00"}, "From is a date like"),
        ({"format": "xml"}, "Not valid: format"),
    ],
)
def test_who_asks_wrongly_is_told_what_is_wrong(cast: Any, query: dict[str, str], words: str) -> None:
    assert words in asked(cast, "cost-trend", status=400, **query)["detail"]


SQL = ("1;SELECT pg_sleep(9)", "calls DESC", "task' OR '1'='1", 'task" FROM ledger--', "(SELECT 1)")


@pytest.mark.parametrize("text", SQL)
def test_what_is_sql_in_an_address_is_refused_or_a_value_like_any_other(cast: Any, text: str) -> None:
    """Rows come in one order, whatever is asked; groups and granularities are those of a list."""
    some_calls(cast)
    for name in ("group", "granularity", "from", "to", "cursor", "tenant", "format"):
        refused: dict[str, Any] = {name: text}
        asked(cast, "cost-trend", status=400, **refused)
    plain = asked(cast, "cost-trend", group="task")
    for name in ("o", "order_by", "order", "sort", "limit", "columns"):
        ignored: dict[str, Any] = {name: text}
        assert asked(cast, "cost-trend", group="task", **ignored) == plain
    beyond = cursor_of(["2026-11-01T00:00:00Z", text, text])
    assert len(asked(cast, "cost-trend", group="task", cursor=beyond)["rows"]) == len(plain["rows"])


def test_an_hour_that_begins_or_ends_the_time_is_counted_exactly(cast: Any) -> None:
    now = timezone.now().replace(minute=30)
    booked(cast.acme.id, started_at=now)
    booked(cast.acme.id, started_at=now - timedelta(hours=1))
    begin = now.replace(minute=0, second=0, microsecond=0)
    span: dict[str, Any] = {"from": begin.isoformat(), "to": (begin + timedelta(hours=1)).isoformat()}
    assert asked(cast, "cost-trend", **span)["totals"]["calls"] == 1


@pytest.mark.parametrize(("begin", "end"), [("2026-09-10", "2026-11-20"), ("2026-09-01", "2026-12-01")])
@pytest.mark.parametrize("granularity", ["", "day", "month"])
def test_whole_months_and_the_days_around_them_add_up(cast: Any, begin: str, end: str, granularity: str) -> None:
    moments = [NOW.replace(month=month, day=day) for month in (9, 10, 11) for day in (1, 9, 10, 19, 20, 30)]
    for moment in moments:
        booked(cast.acme.id, started_at=moment, ttft_ms=100 if moment.month == 10 else 1000)
    call_command("fill_rollups", stdout=io.StringIO())
    inside = [moment for moment in moments if begin <= moment.date().isoformat() < end]
    name = "provider-comparison"
    span: dict[str, Any] = {"from": begin, "to": end}
    found = asked(cast, name, granularity=granularity, **span)
    assert found["totals"]["calls"] == sum(row["calls"] for row in found["rows"]) == len(inside)
    slow = sum(moment.month != 10 for moment in inside)
    assert found["totals"]["ttft_ms_p50"] == pytest.approx(1000 if slow * 2 > len(inside) else 100, rel=0.04)
    if granularity == "month":
        october = next(row for row in found["rows"] if row["period"] == "2026-10-01T00:00:00Z")
        assert (october["calls"], october["ttft_ms_p95"]) == (6, pytest.approx(100, rel=0.04))


def test_another_company_is_not_there(cast: Any) -> None:
    some_calls(cast)
    asked(cast, "cost-trend", status=404, tenant=str(cast.rival.id))
    asked(cast, "cost-trend", who="charlie", status=403)


def test_the_platform_sees_all_companies_or_one_and_the_look_is_written_down(cast: Any) -> None:
    some_calls(cast)
    rows = asked(cast, "cost-trend", who="root", group="tenant")["rows"]
    assert {row["tenant"]: row["cost"] for row in rows} == {str(cast.acme.id): "2.00", str(cast.rival.id): "100.00"}
    assert asked(cast, "cost-trend", who="root", tenant=str(cast.rival.id))["totals"]["cost"] == "100.00"
    looks = PlatformAudit.objects.filter(user=cast.root, action="platform_scope")
    assert looks.count() == 2
    assert looks[0].detail == {"reason": "report cost-trend"}


def test_staff_without_a_second_factor_see_nothing_on_https(cast: Any, settings: Any) -> None:
    settings.HTTPS = True
    asked(cast, "cost-trend", who="root", status=403)


@pytest.mark.django_db(transaction=True)
async def test_csv_has_every_row_and_no_formula(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csuite.analytics.queries.said.BATCH", 2)
    for model in ("=HYPERLINK(1)", "+cmd|x", "plain", "more"):
        await in_db(booked, cast.acme.id, model=model, cost=Decimal("1.5"))
    client = AsyncClient()
    await client.aforce_login(cast.fiona)
    query = {**NOVEMBER, "group": "model", "format": "csv"}
    response: Any = await client.get("/api/v1/analytics/llm/cost-trend", query)
    assert response["Content-Disposition"] == 'attachment; filename="cost-trend-2026-11-01.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join([part async for part in response]).decode())))
    assert sorted(row["model"] for row in rows) == ["'+cmd|x", "'=HYPERLINK(1)", "more", "plain"]
    assert {row["cost"] for row in rows} == {"1.50"}
    bad = await client.get("/api/v1/analytics/llm/cost-trend", {**query, "group": "planet"})
    assert bad.status_code == 400


def test_a_report_reads_rollups_and_no_ledger(cast: Any, django_assert_max_num_queries: Any) -> None:
    some_calls(cast)
    call_command("fill_rollups", stdout=io.StringIO())
    with django_assert_max_num_queries(40) as seen:
        asked(cast, "task-performance")
    assert not [one["sql"] for one in seen.captured_queries if "FROM ledger" in one["sql"] or '"ledger"' in one["sql"]]
