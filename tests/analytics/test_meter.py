"""Every call is reserved for one tenant, and every attempt is booked there exactly once."""

import asyncio
import json
import logging
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from prometheus_client import REGISTRY

from csuite.analytics import ledger as ledger_module
from csuite.analytics import patience
from csuite.analytics.hold import LedgerHold
from csuite.analytics.meter import LedgerMeter
from csuite.analytics.models import LedgerEntry
from csuite.analytics.rows import entry
from csuite.llm import conf
from csuite.llm.errors import BudgetExceeded, InvalidRequest
from csuite.llm.meter import Meter
from csuite.llm.usage import Usage
from csuite.tenants.db import in_db
from tests.analytics.booking import attempt, call, ledger

pytestmark = pytest.mark.django_db(transaction=True)


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def rows(tenant: Any) -> list[Any]:
    return await in_db(ledger, tenant)


async def test_each_attempt_becomes_one_row_of_its_tenant(cast: Any) -> None:
    meter: Meter = LedgerMeter()
    hold = await meter.reserve([call(cast.acme.id)])
    await hold.attempt(attempt(cast.acme.id, cast.bob.id, error_kind="rate_limit", usage=Usage(), cost=None))
    await hold.attempt(attempt(cast.acme.id, cast.bob.id, number=2, fallback=True))
    await hold.close()
    second, first = sorted(await rows(cast.acme.id), key=lambda row: -row.number)
    assert (first.error_kind, first.prompt_tokens, first.cost) == ("rate_limit", None, None)
    assert (second.fallback, second.cost, second.user) == (True, Decimal("0.0123"), cast.bob.id)
    assert len(hold.attempts) == 2
    assert await rows(cast.rival.id) == []


@pytest.mark.parametrize("tenant", ["", "acme"])
async def test_a_call_that_names_no_tenant_is_refused(tenant: str) -> None:
    with pytest.raises(InvalidRequest):
        await LedgerMeter().reserve([call(tenant)])


async def test_a_hold_is_never_for_two_tenants(cast: Any) -> None:
    with pytest.raises(InvalidRequest):
        await LedgerMeter().reserve([call(cast.acme.id), call(cast.rival.id)])


async def test_a_hold_for_no_call_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        await LedgerMeter().reserve([])


async def test_the_kill_switch_sends_every_call_to_the_analyst(cast: Any) -> None:
    assert (await LedgerMeter().reserve([call(cast.acme.id)])).route is None
    with conf.override(ENABLED=False):
        assert (await LedgerMeter().reserve([call(cast.acme.id)])).route == "analyst"


async def test_an_open_hold_is_counted_until_it_is_closed_once(cast: Any) -> None:
    before = metric("csuite_llm_holds")
    hold = await LedgerMeter().reserve([call(cast.acme.id)])
    assert metric("csuite_llm_holds") == before + 1
    await hold.close()
    await hold.close()
    assert metric("csuite_llm_holds") == before


async def test_a_cancelled_caller_loses_no_row(cast: Any) -> None:
    hold = await LedgerMeter().reserve([call(cast.acme.id)])
    booking = asyncio.ensure_future(hold.attempt(attempt(cast.acme.id, error_kind="cancelled")))
    await asyncio.sleep(0)
    booking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await booking
    await asyncio.gather(*patience.running)
    assert [row.error_kind for row in await rows(cast.acme.id)] == ["cancelled"]


async def test_a_row_goes_to_the_acting_tenant_even_if_a_label_says_otherwise(cast: Any) -> None:
    hold = await LedgerMeter().reserve([call(cast.acme.id)])
    await hold.attempt(attempt(cast.rival.id))
    assert len(await rows(cast.acme.id)) == 1
    assert await rows(cast.rival.id) == []


@pytest.fixture
def dead_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setitem(connection.settings_dict, "PORT", "9")
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    yield monkeypatch
    monkeypatch.undo()


async def test_a_ledger_that_cannot_be_written_never_loses_the_answer(
    cast: Any, dead_database: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    lost = metric("csuite_ledger_unwritten_total")
    hold = LedgerHold(cast.acme.id)  # reserved while the database was there
    await hold.attempt(attempt(cast.acme.id, cast.bob.id))
    await hold.close()
    dead_database.undo()
    assert metric("csuite_ledger_unwritten_total") == lost + 1
    assert await rows(cast.acme.id) == []

    log = tmp_path / "web.log"
    log.write_text("\n".join(record.getMessage() for record in caplog.records))
    await in_db(call_command, "replay_ledger", str(log))
    (row,) = await rows(cast.acme.id)
    assert (row.user, row.cost, row.total_ms) == (cast.bob.id, Decimal("0.0123"), 2100)
    await in_db(call_command, "replay_ledger", str(log))
    assert len(await rows(cast.acme.id)) == 1


async def test_without_a_database_nothing_is_reserved_and_the_reason_is_said(
    cast: Any, dead_database: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BudgetExceeded) as refused:
        await LedgerMeter().reserve([call(cast.acme.id)])
    assert (refused.value.code, refused.value.retryable) == ("provider_unavailable", True)
    assert "could not be checked" in refused.value.sentence


async def test_a_slow_database_keeps_no_answer_waiting_and_its_row_may_come_late(
    cast: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ledger_module, "WRITE_SECONDS", 0.05)
    async with await psycopg.AsyncConnection.connect(settings.DATABASE_ADMIN_URL) as other:
        await other.execute("LOCK TABLE ledger IN SHARE MODE")  # nobody writes until this ends
        hold = await LedgerMeter().reserve([call(cast.acme.id)])
        await hold.attempt(attempt(cast.acme.id))
    in_log = [line for line in map(logging.LogRecord.getMessage, caplog.records) if ledger_module.MARK in line]
    assert len(in_log) == 1
    while not await rows(cast.acme.id):
        await asyncio.sleep(0.01)
    (late,) = ledger_module.entries_in(in_log)
    assert isinstance(late, LedgerEntry)
    assert await in_db(ledger_module.replay, late) is False


def test_a_row_is_stored_once_however_often_it_is_replayed(cast: Any, tmp_path: Path, capsys: Any) -> None:
    row = entry(attempt(cast.acme.id), cast.acme.id)
    log = tmp_path / "log.json"
    # as text with things around it, twice; and as the event of a line in JSON
    line = ledger_module.to_json(row)
    log.write_text(f"12:00 error {line} why=x\nnothing\n{json.dumps({'event': line})}\n{{not json\n")
    call_command("replay_ledger", str(log))
    assert "1 rows stored, 1 were there already" in capsys.readouterr().out
    assert [stored.id for stored in ledger(cast.acme.id)] == [row.id]


def test_a_broken_row_is_named_and_does_not_keep_the_others_out(cast: Any, tmp_path: Path, capsys: Any) -> None:
    good = ledger_module.to_json(entry(attempt(cast.acme.id), cast.acme.id))
    log = tmp_path / "log"
    log.write_text(f'{ledger_module.MARK}{{"id": 1}}}}\n{good[:50]}\n{good}\n')
    with pytest.raises(CommandError, match="2 broken"):
        call_command("replay_ledger", str(log))
    assert "line 1" in capsys.readouterr().err
    assert len(ledger(cast.acme.id)) == 1


def test_a_log_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("replay_ledger", str(tmp_path / "nothing"))


async def test_events_are_counted_and_logged() -> None:
    before = metric("csuite_llm_events_total", event="step_down")
    await LedgerMeter().event("step_down", provider="groq", tenant=str(uuid4()))
    assert metric("csuite_llm_events_total", event="step_down") == before + 1


async def test_an_attempt_is_counted_and_an_unknown_price_apart(cast: Any) -> None:
    labels = {"provider": "openai", "model": "counted"}
    hold = await LedgerMeter().reserve([call(cast.acme.id)])
    for cost in (Decimal("0.5"), None):
        await hold.attempt(attempt(cast.acme.id, model="counted", cost=cost))
    await hold.attempt(attempt(cast.acme.id, model="counted", ttft_ms=None, total_ms=None))
    assert metric("csuite_llm_cost_total", **labels, currency="USD") == 0.5 + 0.0123
    assert metric("csuite_llm_unpriced_total", **labels) == 1
    assert metric("csuite_llm_tokens_total", **labels, kind="prompt") == 3000
    assert metric("csuite_llm_first_text_seconds_count", **labels) == 2
    assert metric("csuite_llm_total_seconds_count", **labels) == 2


def test_the_web_role_cannot_change_the_ledger() -> None:
    with connection.cursor() as cursor:
        for table in ("ledger", "cache_event"):
            cursor.execute(
                "SELECT has_table_privilege(%s, 'UPDATE'), has_table_privilege(%s, 'DELETE')", [table, table]
            )
            assert cursor.fetchone() == (False, False)
