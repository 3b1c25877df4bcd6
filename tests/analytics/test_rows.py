"""A row can always be written: what does not fit is cut, what is unknown stays unknown."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csuite.analytics.ledger import entries_in, to_json
from csuite.analytics.models import LedgerEntry
from csuite.analytics.rows import entry, new_id
from csuite.llm.hold import Attempt
from csuite.llm.usage import Usage

TENANT = uuid4()


def attempt(**fields: Any) -> Attempt:
    plain: dict[str, Any] = {"labels": {}, "task": "chat", "provider": "openai", "model": "gpt-4.1"}
    return Attempt(**{**plain, **fields})


def test_every_label_finds_its_column() -> None:
    ids = {name: str(uuid4()) for name in ("user", "conversation", "message", "turn", "deal")}
    words = {"persona": "cfo", "prompt_version": "persona.cfo.v1", "experiment": "tone:b"}
    row = entry(attempt(labels={**ids, **words, "tenant": str(TENANT)}), TENANT)
    assert {name: str(getattr(row, name)) for name in ids} == ids
    assert {name: getattr(row, name) for name in words} == words
    assert row.tenant_id == TENANT


def test_what_the_provider_did_not_say_stays_null() -> None:
    row = entry(attempt(usage=Usage(prompt=3)), TENANT)
    assert (row.prompt_tokens, row.completion_tokens, row.cached_tokens) == (3, None, None)
    assert (row.cost, row.billed_cost, row.ttft_ms, row.json_valid) == (None, None, None, None)


def test_a_label_that_is_no_id_is_left_out() -> None:
    assert entry(attempt(labels={"user": "bob"}), TENANT).user is None


def test_what_does_not_fit_is_cut() -> None:
    row = entry(
        attempt(
            model="m" * 500,
            request_id="a\0b" * 200,
            number=10**6,
            usage=Usage(prompt=10**12, completion=-4),
            cost=Decimal("1E+30"),
            billed_cost=Decimal("NaN"),
        ),
        TENANT,
    )
    assert (len(row.model), len(row.request_id)) == (200, 200)
    assert "\0" not in row.request_id
    assert (row.number, row.prompt_tokens, row.completion_tokens) == (32767, 2_147_483_647, 0)
    assert row.cost == Decimal(9_999_999_999)
    assert row.billed_cost is None


def test_a_cost_is_kept_to_ten_places() -> None:
    assert entry(attempt(cost=Decimal("0.00000000015")), TENANT).cost == Decimal("0.0000000002")


def test_without_a_start_it_is_reckoned_from_the_time_it_took() -> None:
    row = entry(attempt(total_ms=2000), TENANT)
    assert row.created_at - row.started_at == timedelta(seconds=2)


def test_ids_are_versioned_and_grow_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([1_000_000_000, 2_000_000_000])
    monkeypatch.setattr("csuite.analytics.rows.time.time_ns", lambda: next(clock))
    first, second = new_id(), new_id()
    assert first < second
    assert (first.version, first.variant) == (7, "specified in RFC 4122")


whole = st.none() | st.integers(0, 2_147_483_647)
money = st.none() | st.decimals(0, 10**9, places=10)


@given(whole, whole, money, st.text(max_size=30), st.booleans())
def test_a_row_in_the_log_reads_back_as_it_was(
    prompt: int | None, ttft: int | None, cost: Decimal | None, reason: str, fallback: bool
) -> None:
    row = entry(
        attempt(
            usage=Usage(prompt=prompt),
            ttft_ms=ttft,
            cost=cost,
            finish_reason=reason,
            fallback=fallback,
            started_at=datetime(2026, 11, 3, 4, 5, 6, 789012, tzinfo=UTC),
        ),
        TENANT,
    )
    line = f"12:00:01 error csuite.analytics.ledger {to_json(row)} tenant=x\n"
    (back,) = entries_in([line])
    assert isinstance(back, LedgerEntry)
    for field in LedgerEntry._meta.concrete_fields:
        assert getattr(back, field.attname) == getattr(row, field.attname), field.attname
