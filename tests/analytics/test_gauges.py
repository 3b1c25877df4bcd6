"""`/metrics` tells the pages' own figures: what the reports of all companies add up to."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from csuite.analytics.alerts.finding import Finding
from csuite.analytics.alerts.keeping import raise_alert
from csuite.analytics.budgets.changing import create
from csuite.analytics.models import Budget, BudgetHold, CacheEvent
from csuite.analytics.rollups.filling import fill_due
from csuite.conversations.models import Conversation, Message, Turn
from csuite.llm import conf
from csuite.llm.state import Failure, MemoryState
from csuite.llm.usage import Usage
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.analytics.booking import booked
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

Lines = dict[tuple[str, ...], float]
NOW = timezone.now()


def scraped(cast: Cast) -> dict[str, Lines]:
    """Name -> label values in the order of the labels' names -> number."""
    with platform_scope("test"):
        fill_due()
    response = cast.client().get("/metrics", HTTP_HOST="127.0.0.1", REMOTE_ADDR="127.0.0.1")
    assert response.status_code == 200
    found: dict[str, Lines] = defaultdict(dict)
    for family in text_string_to_metric_families(response.content.decode()):
        for sample in family.samples:
            found[sample.name][tuple(value for _, value in sorted(sample.labels.items()))] = sample.value
    return found


def spent(cast: Cast) -> None:
    for tenant in (cast.acme, cast.rival):
        booked(tenant.id, started_at=NOW, cost=Decimal("1.25"))
        booked(tenant.id, started_at=NOW, model="gpt-4.1", cost=Decimal("0.5"), ttft_ms=2000)
        booked(tenant.id, started_at=NOW, provider="groq", model="llama", cost=Decimal("0.1"), currency="EUR")
    booked(cast.acme.id, started_at=NOW, provider="groq", model="unheard-of", cost=None, currency="")
    booked(cast.acme.id, started_at=NOW, provider="groq", model="llama", error_kind="timeout", cost=Decimal(0))
    booked(cast.rival.id, started_at=NOW, provider="groq", model="llama", error_kind="cancelled", cost=Decimal(0))
    booked(cast.acme.id, started_at=NOW, usage=Usage(prompt=10, completion=5, cached=7, cached_apart=True))
    booked(cast.acme.id, started_at=NOW - timedelta(days=70), cost=Decimal(99))


def reports(cast: Cast, name: str, **query: str) -> Iterator[dict[str, Any]]:
    """The rows of this month's report, of both companies."""
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    dates = {"from": hour.replace(day=1, hour=0).isoformat(), "to": (hour + timedelta(hours=1)).isoformat()}
    for who in (cast.fiona, cast.charlie):
        answer = cast.client(who).get(f"/api/v1/analytics/llm/{name}", dates | query)
        assert answer.status_code == 200, answer.content
        yield from answer.json()["rows"]


def test_calls_tokens_and_cost_are_those_of_the_reports(cast: Cast) -> None:
    cast.charlie.memberships.update(role="finance")
    spent(cast)
    found = scraped(cast)
    counted: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    cost: dict[tuple[str, ...], Decimal] = {}
    for row in reports(cast, "model-selection"):
        who = (row["model"], row["provider"])
        for name in ("calls", "unpriced_calls", "failed"):
            counted[name][who] += row[name]
        if row["cost"] is not None:
            key = (row["currency"], *who)
            cost[key] = cost.get(key, Decimal(0)) + Decimal(row["cost"])
    for row in reports(cast, "token-efficiency", group="model"):
        counted["tokens"][row["model"], row["provider"]] += row["input_tokens"] + row["output_tokens"]
    assert found["csuite_month_calls"] == dict(counted["calls"])
    assert found["csuite_month_unpriced_calls"] == dict(counted["unpriced_calls"])
    assert found["csuite_month_failed_calls"] == dict(counted["failed"])
    assert {key: Decimal(f"{value:.10f}") for key, value in found["csuite_month_cost"].items()} == {
        key: value.quantize(Decimal("1e-10")) for key, value in cost.items()
    }
    tokens: Counter[tuple[str, ...]] = Counter()
    for labels, number in found["csuite_month_tokens"].items():
        if labels[0] in ("input", "output"):
            tokens[labels[1:]] += int(number)
    assert tokens == counted["tokens"]


def test_errors_by_kind_are_those_of_the_report(cast: Cast) -> None:
    cast.charlie.memberships.update(role="finance")
    spent(cast)
    kinds, said = Counter[str](), Counter[str]()
    for labels, number in scraped(cast)["csuite_month_errors"].items():
        kinds[labels[0]] += int(number)
    for row in reports(cast, "error-analysis"):
        said[row["error_kind"]] += row["calls"]
    assert kinds == said == {"timeout": 1, "cancelled": 1}


def test_the_time_to_the_first_text_is_that_of_the_report(cast: Cast) -> None:
    booked(cast.acme.id, started_at=NOW, ttft_ms=400)
    found = scraped(cast)["csuite_month_first_text_seconds"]
    [row] = [row for row in reports_of(cast) if row["provider"] == "openai"]
    assert found["openai", "0.95"] == pytest.approx(row["ttft_ms_p95"] / 1000, abs=0.001)


def reports_of(cast: Cast) -> list[dict[str, Any]]:
    answer = cast.client(cast.fiona).get("/api/v1/analytics/llm/provider-comparison")
    return list(answer.json()["rows"])


def test_the_cost_is_that_of_the_start_page(cast: Cast) -> None:
    spent(cast)
    found = scraped(cast)["csuite_month_cost"]
    panels = {panel.title: panel for panel in cast.client(cast.root).get("/admin/").context["panels"]}
    [month] = [line.value for line in panels["Cost"].lines if line.label.endswith("to date")]
    sums: Counter[str] = Counter()
    for (currency, _, _), value in found.items():
        sums[currency] += value  # type: ignore[assignment]
    assert month == f"{sums['EUR']:,.2f} EUR and {sums['USD']:,.2f} USD"


def test_budgets_are_told_by_kind_and_never_by_whom(cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        create(Budget(amount=Decimal(2)), None)
        create(Budget(scope="user", user=cast.bob.pk, amount=Decimal(10)), None)
        create(Budget(scope="persona", persona="cfo", amount=None), None)
    with tenant_scope(cast.rival.pk):
        create(Budget(amount=Decimal(100)), None)
    booked(cast.acme.id, started_at=NOW, cost=Decimal("1.75"))
    with tenant_scope(cast.acme.pk):
        Budget.objects.get(scope="tenant").counters.update(spent=Decimal("1.75"), held=Decimal("0.25"))
    found = scraped(cast)
    assert found["csuite_budgets"]["warned", "month", "tenant"] == 1
    assert found["csuite_budgets"]["within", "month", "tenant"] == 1
    assert found["csuite_budget_burn_ratio"]["month", "tenant"] == pytest.approx(0.875)
    assert found["csuite_budget_amount"]["USD", "month", "tenant"] == 102
    assert found["csuite_budget_spent"]["USD", "month", "tenant"] == pytest.approx(1.75)
    assert found["csuite_budget_held"]["USD", "month", "tenant"] == pytest.approx(0.25)
    assert ("month", "persona") not in found["csuite_budget_burn_ratio"]
    page = cast.client().get("/metrics", HTTP_HOST="127.0.0.1", REMOTE_ADDR="127.0.0.1").content.decode()
    for private in (str(cast.bob.pk), str(cast.acme.pk), "Acme", "bob@"):
        assert private not in page


def test_what_is_open_is_told(cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        for hours in (1, -1):
            BudgetHold.objects.create(parts=[], expires_at=timezone.now() + timedelta(hours=hours))
        raise_alert(Finding("unpriced", "model:x", "1 call", "x has no price", "It is so.", serious=True), NOW)
        CacheEvent.objects.create(event="hit", cache="exact", at=NOW)
        CacheEvent.objects.create(event="miss", cache="exact", at=NOW)
    _turns(cast)
    found = scraped(cast)
    assert (found["csuite_holds_open"][()], found["csuite_holds_expired"][()]) == (2, 1)
    assert found["csuite_alerts_open"]["unpriced", "serious"] == 1
    assert (
        found["csuite_month_cache_events"]["exact", "hit"],
        found["csuite_month_cache_events"]["exact", "miss"],
    ) == (1, 1)
    assert found["csuite_turns"] == {("queued",): 1, ("running",): 1, ("silent",): 1}
    assert found["csuite_database_up"][()] == 1


def _turns(cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        conversation = Conversation.objects.create(user=cast.bob, title="Margin", updated_at=NOW)
        question = Message.objects.create(conversation=conversation, kind="question", text="Why?", position=0)
        for number, status in enumerate((Turn.Status.RUNNING, Turn.Status.QUEUED, Turn.Status.FINISHED)):
            Turn.objects.create(
                conversation=conversation, question=question, user=cast.bob, client_id=str(number), number=number,
                status=status, heartbeat_at=NOW - timedelta(minutes=5),
            )  # fmt: skip


def test_a_circuit_is_told_open_or_closed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-0123456789")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789ab")
    state = MemoryState()
    async_to_sync(state.failed)("groq", Failure("overloaded", 300.0, 5, 60.0, at_once=True), None)
    with conf.override(STATE=state):
        found = scraped(cast)["csuite_breaker_open"]
    assert (found["groq",], found["openai",]) == (1, 0)


def test_without_a_database_the_counters_are_told_all_the_same(cast: Cast, settings: Any) -> None:
    settings.METRICS = ["tests.analytics.test_gauges.away"]
    found = scraped(cast)
    assert found["csuite_database_up"][()] == 0
    assert "csuite_llm_holds" in found
    assert "csuite_month_calls" not in found


def away() -> Any:
    raise OperationalError("the database is away")


def test_every_name_is_explained_to_who_runs_it(cast: Cast) -> None:
    from csuite.server.home import ROOT

    spent(cast)
    text = (ROOT / "docs" / "operating.md").read_text()
    ours = {name for name in scraped(cast) if name.startswith("csuite_")}
    ends = ("_bucket", "_sum", "_count", "_created", "_total")
    whole = {next((name.removesuffix(end) for end in ends if name.endswith(end)), name) for name in ours}
    assert {name for name in whole if f"`{name}" not in text} == set()
