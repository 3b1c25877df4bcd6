"""Rollups: every cell equals what the ledger says, whatever was written, late, corrected or filled twice."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csuite.analytics.ledger import insert
from csuite.analytics.models import CacheEvent, CostCorrection, LedgerEntry, Recalculation
from csuite.analytics.rollups import ROLLUPS, CacheCell, Cell, DueHour, FillState, ModelCell, filling
from csuite.analytics.rollups.rebuilding import run
from csuite.analytics.rows import new_id
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.analytics.booking import NOW, booked
from tests.analytics.summed import same_as_ledger

pytestmark = pytest.mark.django_db

ERRORS = ["", "", "", "cancelled", "rate_limit", "timeout", "midstream", "validation"]
DEAL, PERSON = UUID(int=7), UUID(int=8)
# within the days whose hours are kept, and before them
MOMENTS = [
    NOW,
    NOW + timedelta(minutes=59, seconds=59),
    NOW + timedelta(hours=1),
    NOW.replace(hour=0),
    NOW.replace(hour=23, minute=59, second=59, microsecond=999_999),
    NOW - timedelta(days=40),
    NOW - timedelta(days=500),
]
count = st.one_of(st.none(), st.integers(0, 5000))

rows = st.fixed_dictionaries(
    {
        "started_at": st.sampled_from(MOMENTS),
        "user": st.sampled_from([None, PERSON]),
        "deal": st.sampled_from([None, DEAL]),
        "persona": st.sampled_from(["", "cfo", "cto"]),
        "prompt_version": st.sampled_from(["", "cfo/1"]),
        "task": st.sampled_from(["chat", "deal"]),
        "kind": st.sampled_from(["", "answer", "synthesis"]),
        "provider": st.sampled_from(["openai", "groq"]),
        "model": st.sampled_from(["m", "n"]),
        "tier": st.sampled_from(["", "fast"]),
        "number": st.integers(1, 3),
        "fallback": st.booleans(),
        "prompt_tokens": count,
        "completion_tokens": count,
        "cached_tokens": count,
        "cache_write_tokens": count,
        "reasoning_tokens": count,
        "cached_apart": st.booleans(),
        "estimated": st.booleans(),
        "compression_saved": count,
        "cost": st.one_of(st.none(), st.decimals(0, 9, places=10)),
        "currency": st.sampled_from(["USD", "EUR"]),
        "billed_cost": st.one_of(st.none(), st.decimals(0, 9, places=10)),
        "ttft_ms": count,
        "total_ms": count,
        "error_kind": st.sampled_from(ERRORS),
        "json_valid": st.sampled_from([None, True, False]),
    }
)


def store(tenant: UUID, facts: Iterable[dict[str, Any]]) -> list[LedgerEntry]:
    entries = [LedgerEntry(id=new_id(), tenant_id=tenant, **one) for one in facts]
    with tenant_scope(tenant):
        insert(entries)
    return entries


def correct(entry: LedgerEntry, cost: Decimal, currency: str = "USD") -> None:
    with tenant_scope(entry.tenant_id):
        act = Recalculation.objects.create(
            tenant_id=entry.tenant_id, reason="price entered", since=entry.started_at, until=entry.started_at,
            checked=1, corrected=1, unpriced=0,
        )  # fmt: skip
        CostCorrection.objects.create(
            tenant_id=entry.tenant_id, recalculation=act, entry=entry.id, started_at=entry.started_at, cost=cost,
            currency=currency, price_version="row 9",
        )  # fmt: skip
    entry.cost, entry.currency = cost, currency


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csuite.analytics.rollups.filling.timezone.now", lambda: NOW + timedelta(days=1))


def clear() -> None:
    with platform_scope("test"), connection.cursor() as cursor:
        for table in (*(rollup._meta.db_table for rollup in ROLLUPS), "rollup_due"):
            cursor.execute(f"DELETE FROM {table}")


def wipe_ledger() -> None:
    """As the owner would: the web role may not delete from it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT fresh.empty(%s)", [["cost_correction", "recalculation", "ledger"]])


@settings(
    max_examples=6, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(
    early=st.lists(rows, min_size=16, max_size=40),
    late=st.lists(rows, min_size=6, max_size=20),
    others=st.lists(rows, min_size=4, max_size=12),
    corrections=st.lists(st.tuples(st.integers(0, 39), st.decimals(0, 9, places=10)), max_size=12),
)
def test_every_cell_equals_the_ledger(
    cast: Any, at_noon: None, early: Any, late: Any, others: Any, corrections: Any
) -> None:
    clear()
    wipe_ledger()
    entries = store(cast.acme.id, early) + store(cast.rival.id, others)
    run()
    same_as_ledger(entries)
    entries += store(cast.acme.id, late)
    for place, cost in corrections:
        if place < len(entries):
            correct(entries[place], cost)
    with tenant_scope(cast.acme.id):
        filling.freshen()
    run()
    same_as_ledger(entries)
    call_command("fill_rollups", "--rebuild", stdout=StringIO())
    same_as_ledger(entries)


def cells(tenant: UUID, rollup: type[Cell] = ModelCell, span: str = "day") -> list[Any]:
    with tenant_scope(tenant):
        return list(rollup.objects.filter(span=span).order_by("at"))


def test_a_page_fills_what_is_due_for_its_tenant_and_no_other(cast: Any) -> None:
    booked(cast.acme.id, started_at=datetime.now(UTC))
    booked(cast.rival.id, started_at=datetime.now(UTC))
    with tenant_scope(cast.acme.id):
        filling.freshen()
    assert [cell.calls for cell in cells(cast.acme.id)] == [1]
    assert cells(cast.rival.id) == []
    with platform_scope("test"):
        assert list(DueHour.objects.values_list("tenant_id", flat=True)) == [cast.rival.id]


def test_a_row_that_comes_late_marks_its_hour_and_is_summed(cast: Any) -> None:
    booked(cast.acme.id)
    run()
    booked(cast.acme.id, started_at=NOW - timedelta(minutes=1))
    assert run() == (0, 1)
    assert sum(cell.calls for cell in cells(cast.acme.id)) == 2
    assert run() == (0, 0)


def test_hours_of_old_days_are_not_kept_but_their_days_are_whole(cast: Any) -> None:
    old = datetime.now(UTC) - filling.HOURS_KEPT - timedelta(days=3)
    day = old.replace(hour=1)
    booked(cast.acme.id, started_at=day)
    run()
    booked(cast.acme.id, started_at=day + timedelta(hours=5))
    run()
    assert cells(cast.acme.id, span="hour") == []
    assert [cell.calls for cell in cells(cast.acme.id)] == [2]


def test_a_build_that_was_ended_goes_on_where_it_stopped(cast: Any) -> None:
    for back in range(3):
        booked(cast.acme.id, started_at=NOW - timedelta(days=back))
    clear()
    FillState.objects.all().delete()
    assert run(days=2) == (2, 0)
    state = FillState.objects.get(name="rollup_model")
    assert (state.complete, str(state.built_back_to)) == (False, "2026-11-19")
    assert [cell.at.day for cell in cells(cast.acme.id)] == [19, 20]
    run()
    assert len(cells(cast.acme.id)) == 3
    assert set(FillState.objects.values_list("complete", flat=True)) == {True}


def test_a_rollup_that_is_defined_anew_is_built_anew(cast: Any) -> None:
    booked(cast.acme.id)
    run()
    FillState.objects.filter(name="rollup_person").update(definition="of yesterday")
    assert run() == (1, 0)


def test_what_retention_took_from_the_ledger_stays_summed(cast: Any) -> None:
    booked(cast.acme.id, started_at=NOW - timedelta(days=400))
    run()
    wipe_ledger()
    booked(cast.acme.id)
    call_command("fill_rollups", "--rebuild", stdout=StringIO())
    assert len(cells(cast.acme.id)) == 2


def test_the_last_correction_of_a_call_holds(cast: Any) -> None:
    entry = booked(cast.acme.id, cost=None)
    run()
    (before,) = cells(cast.acme.id)
    assert (before.unpriced, before.cost, before.currency) == (1, 0, "")
    correct(entry, Decimal("2"))
    correct(entry, Decimal("3"), "EUR")
    run()
    (after,) = cells(cast.acme.id)
    assert (after.unpriced, after.cost, after.currency) == (0, 3, "EUR")


def test_a_new_call_leaves_the_other_cells_of_its_month_alone(cast: Any) -> None:
    """What a look at the page costs is the hour of the new call, however much the month holds."""
    for model in ("m", "n"):
        booked(cast.acme.id, model=model, started_at=NOW - timedelta(days=3))
    run()
    with tenant_scope(cast.acme.id):
        kept = {(cell.span, cell.model): cell.id for cell in ModelCell.objects.all()}
    booked(cast.acme.id, model="m")
    with tenant_scope(cast.acme.id):
        filling.freshen()
        now = {(cell.span, cell.model): (cell.id, cell.calls) for cell in ModelCell.objects.order_by("at")}
    assert now["month", "n"] == (kept["month", "n"], 1)
    assert now["month", "m"][1] == 2


def test_a_tampered_day_is_mended_by_a_rebuild(cast: Any) -> None:
    entry = booked(cast.acme.id)
    run()
    with platform_scope("test"):
        ModelCell.objects.exclude(span="hour").update(calls=7)
    call_command("fill_rollups", "--rebuild", stdout=StringIO())
    same_as_ledger([entry])


def test_cache_events_are_summed(cast: Any) -> None:
    facts = {"cache": "exact", "task": "chat", "at": NOW}
    with tenant_scope(cast.acme.id):
        for event, saved in (("hit", Decimal("0.5")), ("hit", None), ("miss", None)):
            CacheEvent.objects.create(event=event, tokens_saved=10, cost_saved=saved, currency="USD", **facts)
    run()
    priced, unpriced = sorted(cells(cast.acme.id, CacheCell), key=lambda cell: -cell.cost)
    assert (priced.hits, priced.misses, priced.tokens_saved, priced.cost) == (1, 0, 10, Decimal("0.5"))
    assert (unpriced.hits, unpriced.misses, unpriced.cost) == (1, 1, 0)


def test_another_tenants_cells_do_not_exist(cast: Any) -> None:
    booked(cast.rival.id)
    booked(cast.rival.id, error_kind="timeout", labels={"deal": str(uuid4())})
    run()
    for rollup in ROLLUPS:
        assert cells(cast.acme.id, rollup) == []
