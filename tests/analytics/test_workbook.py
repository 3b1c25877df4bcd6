"""The calls of a month as a workbook: streamed, with numbers as numbers, and readable by what reads workbooks."""

import io
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import AsyncClient
from openpyxl import load_workbook

from csuite.analytics.models import LedgerEntry
from csuite.analytics.spreadsheet import Spreadsheet
from csuite.tenants.db import in_db
from csuite.tenants.models import AuditEntry
from tests.analytics.booking import NOW, booked

pytestmark = pytest.mark.django_db(transaction=True)


async def downloaded(cast: Any) -> list[bytes]:
    client = AsyncClient()
    await client.aforce_login(cast.fiona)
    response: Any = await client.get("/usage/calls.xlsx?month=2026-11")
    assert response["Content-Disposition"] == 'attachment; filename="calls-2026-11.xlsx"'
    return [part async for part in response]


def sheets(parts: list[bytes]) -> dict[str, list[list[Any]]]:
    book = load_workbook(io.BytesIO(b"".join(parts)))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets}


def lines(rows: list[list[Any]]) -> list[dict[str, Any]]:
    head, *others = rows
    return [dict(zip(head, row, strict=True)) for row in others]


async def test_numbers_and_times_are_such_and_no_text_is_a_formula(cast: Any) -> None:
    await in_db(booked, cast.acme.id, cast.bob.id, model="=HYPERLINK(1)", cost=Decimal("0.0000015"))
    await in_db(booked, cast.acme.id, cost=None, model="a\x01 <&> b")
    await in_db(booked, cast.rival.id)
    ((title, rows),) = sheets(await downloaded(cast)).items()
    found = lines(rows)
    assert title == "Calls 2026-11"
    assert {line["model"] for line in found} == {"'=HYPERLINK(1)", "a <&> b"}
    assert {line["cost"] for line in found} == {0.0000015, None}
    assert {line["person"] for line in found} == {"Bob", "csuite itself"}
    assert {line["started_at"] for line in found} == {NOW.replace(tzinfo=None)}
    assert {line["ttft_ms"] for line in found} == {420}
    entry = await in_db(AuditEntry.objects.get, action="usage.exported", tenant=cast.acme.id)
    assert entry.detail["format"] == "xlsx"


async def test_what_does_not_fit_on_a_sheet_goes_on_the_next_in_several_pieces(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csuite.analytics.workbook.ROWS", 3)
    monkeypatch.setattr("csuite.analytics.export.BATCH", 2)
    entries: list[LedgerEntry] = [await in_db(booked, cast.acme.id) for _ in range(5)]
    parts = await downloaded(cast)
    found = sheets(parts)
    assert list(found) == ["Calls 2026-11", "Calls 2026-11 (2)", "Calls 2026-11 (3)"]
    assert [len(rows) for rows in found.values()] == [3, 3, 2]
    ids = [line["id"] for rows in found.values() for line in lines(rows)]
    assert sorted(ids) == sorted(str(entry.id) for entry in entries)
    assert len([part for part in parts if part]) > 1


async def test_a_month_without_calls_is_a_head(cast: Any) -> None:
    ((_, rows),) = sheets(await downloaded(cast)).items()
    assert len(rows) == 1


def test_what_is_written_can_be_taken_at_any_time() -> None:
    book = Spreadsheet()
    book.sheet("one")
    book.rows([["a", 1, Decimal("2.5"), NOW, True, ""]])
    parts = [book.written(), book.written()]
    book.sheet("<two> & more")
    book.rows([[1]])
    parts.append(book.end())
    assert parts[1] == b""
    assert sheets(parts) == {
        "one": [["a", 1, 2.5, datetime(2026, 11, 20, 12), 1, None]],
        "<two> & more": [[1]],
    }
