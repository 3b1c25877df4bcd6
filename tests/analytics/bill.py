"""What calls cost and used, summed in plain Python, and the same as each page, report, file and counter tells it."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from asgiref.sync import async_to_sync
from django.test import Client
from openpyxl import load_workbook
from prometheus_client.parser import text_string_to_metric_families

from csuite.analytics.budgets.standing import Standing
from csuite.analytics.models import CostCorrection, LedgerEntry
from csuite.analytics.queries import QUERIES
from csuite.analytics.rollups import Cell, DealCell, ErrorCell
from csuite.analytics.rollups.filling import fill_due
from csuite.analytics.templatetags.money import total
from csuite.tenants.scope import platform_scope

# What a report tells, and what it is a sum of.
FIGURES = {"calls": "calls", "attempts": "all", "tokens": "tokens", "cost": "cost", "unpriced_calls": "unpriced"}


@dataclass(frozen=True, slots=True)
class Bill:
    calls: int = 0
    tokens: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0
    failed: int = 0

    @classmethod
    def of(cls, rows: Iterable[LedgerEntry], fixed: dict[Any, Decimal]) -> "Bill":
        """fixed: ledger id -> the cost that a correction gave it."""
        listed = [(row, fixed.get(row.id, row.cost)) for row in rows]
        return cls(
            calls=len(listed),
            tokens=sum(row.all_tokens for row, _ in listed),
            cost=sum((cost for _, cost in listed if cost is not None), Decimal(0)),
            unpriced=sum(1 for _, cost in listed if cost is None),
            failed=sum(1 for row, _ in listed if row.error_kind not in ("", "cancelled")),
        )


class Books:
    """One company's ledger rows and corrections, to be compared with whatever is shown of them."""

    def __init__(self, rows: Iterable[LedgerEntry], corrections: Iterable[CostCorrection]) -> None:
        self.rows = list(rows)
        self.fixed = {one.entry: one.cost for one in sorted(corrections, key=lambda one: one.pk)}
        self.bill = self.where(lambda row: True)

    def where(self, which: Callable[[LedgerEntry], bool]) -> Bill:
        return Bill.of([row for row in self.rows if which(row)], self.fixed)

    def by(self, name: str) -> dict[str, Bill]:
        groups: dict[str, list[LedgerEntry]] = defaultdict(list)
        for row in self.rows:
            groups[str(getattr(row, name) or "")].append(row)
        return {key: Bill.of(found, self.fixed) for key, found in groups.items()}

    def in_rollup(self, rollup: type[Cell]) -> Bill:
        """What it counts: some rollups look at a part of the calls only."""
        if rollup is ErrorCell:
            return self.where(lambda row: bool(row.error_kind))
        return self.where(lambda row: row.deal is not None or rollup is not DealCell)


def same_in_reports(client: Client, books: Books, period: dict[str, str], fineness: Iterable[str]) -> int:
    """Every report, by every group, at each granularity, as JSON and as CSV. Gives how many were compared."""
    compared = 0
    for query in QUERIES:
        if query.name in ("cache-effectiveness", "compression-effectiveness"):
            continue  # there is no cache yet, and nothing is compressed
        for group in (name for name in query.groups if name != "tenant"):
            bill = books.in_rollup(query.groups[group].rollup)
            for granularity in fineness:
                asked = {**period, "group": group, **({"granularity": granularity} if granularity else {})}
                said = client.get(f"/api/v1/analytics/llm/{query.name}", asked)
                assert said.status_code == 200, said.content
                report = said.json()
                assert report["next"] is None
                _same_in(report["totals"], bill, books, f"{query.name} {asked}")
                assert report["unpriced_calls"] == bill.unpriced
                assert len(report["rows"]) > 0
                _same_rows(report["rows"], bill)
                lines = client.get(f"/api/v1/analytics/llm/{query.name}", {**asked, "format": "csv"})
                _same_rows(list(csv.DictReader(io.StringIO(_body(lines)))), bill)
                compared += 2
    return compared


def _same_in(told: dict[str, Any], bill: Bill, books: Books, where: str) -> None:
    for figure, name in FIGURES.items():
        if figure in told:
            expected = books.bill.calls if name == "all" else getattr(bill, name)
            assert Decimal(told[figure] or 0) == expected, (where, figure, told[figure], expected)


def _same_rows(rows: list[dict[str, Any]], bill: Bill) -> None:
    for figure, name in FIGURES.items():
        if figure in rows[0] and name != "all":
            summed = sum((Decimal(row[figure] or 0) for row in rows), Decimal(0))
            assert summed == getattr(bill, name), (figure, summed)


def same_in_files(client: Client, books: Books) -> None:
    """The calls of this month as CSV and as XLSX, with what was booked beside what holds."""
    lines = list(csv.DictReader(io.StringIO(_body(client.get("/usage/calls.csv")))))
    sheet = load_workbook(io.BytesIO(_bytes(client.get("/usage/calls.xlsx"))), read_only=True).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    booked = sum((row.cost or Decimal(0) for row in books.rows), Decimal(0))
    for kind in (lines, [dict(zip(head, row, strict=True)) for row in rows]):
        assert len(kind) == books.bill.calls
        assert _sum(kind, "cost") == books.bill.cost
        assert _sum(kind, "booked_cost") == booked
        assert _sum(kind, "prompt_tokens") + _sum(kind, "completion_tokens") == books.bill.tokens
        assert sum(1 for line in kind if line["cost"] in (None, "")) == books.bill.unpriced


def _sum(lines: list[dict[Any, Any]], name: str) -> Decimal:
    return sum((Decimal(str(line[name])) for line in lines if line[name] not in (None, "")), Decimal(0)).quantize(
        Decimal("1E-10")
    )


def same_on_pages(client: Client, books: Books) -> None:
    """The usage page with its tables, the list of calls, and the budgets of three levels."""
    bill = books.bill
    page = client.get("/usage/")
    found = page.context["found"]
    assert (found.totals["calls"], found.totals["tokens"], found.cost) == (bill.calls, bill.tokens, bill.cost)
    assert found.totals["unpriced"] == bill.unpriced
    assert total(bill.cost, "USD") in page.content.decode()
    for group, column in (("model", "model"), ("persona", "persona"), ("person", "user"), ("task", "task")):
        shown = {row[column] or "": row for row in found.by[group]}
        for key, part in books.by(column).items():
            row = shown[key]
            assert (row["calls"], row["tokens"], row["cost"] or 0) == (part.calls, part.tokens, part.cost), (group, key)
    listed = client.get("/usage/calls/")
    totals = listed.context["totals"]
    assert (totals.calls, totals.tokens, totals.costs) == (bill.calls, bill.tokens, [("USD", bill.cost)])
    assert (totals.unpriced_calls, totals.failed) == (bill.unpriced, bill.failed)
    assert total(bill.cost, "USD") in listed.content.decode()
    for line in client.get("/usage/budgets/").context["lines"]:
        part = books.where(_counts_in(line.standing))
        assert (line.standing.spent, line.standing.unpriced, line.standing.held) == (part.cost, part.unpriced, 0)


def _counts_in(standing: Standing) -> Callable[[LedgerEntry], bool]:
    if standing.scope == "tenant":
        return lambda row: True
    if standing.scope == "persona":
        return lambda row: row.persona == standing.persona
    return lambda row: row.user == standing.user


def same_in_gauges(client: Client, books: Books) -> None:
    """What /metrics tells of this month: of all companies together, so `books` are those of all."""
    with platform_scope("test"):
        fill_due()
    told = client.get("/metrics", HTTP_HOST="127.0.0.1", REMOTE_ADDR="127.0.0.1").content.decode()
    sums: dict[str, float] = defaultdict(float)
    for family in text_string_to_metric_families(told):
        for sample in family.samples:
            sums[f"{sample.name} {sample.labels.get('kind', '')}".strip()] += sample.value
    bill = books.bill
    assert sums["csuite_month_calls"] == bill.calls
    assert sums["csuite_month_failed_calls"] == bill.failed
    assert sums["csuite_month_unpriced_calls"] == bill.unpriced
    assert sums["csuite_month_tokens input"] + sums["csuite_month_tokens output"] == bill.tokens
    assert round(sums["csuite_month_cost"], 6) == round(float(bill.cost), 6)
    assert (sums["csuite_holds_open"], sums["csuite_budget_held"]) == (0, 0)


def same_for_people(client: Client, books: Books, period: dict[str, str]) -> None:
    """What each person used, in all and by model and persona."""
    for user, bill in books.by("user").items():
        said = client.get(f"/api/v1/llm/usage/{user}", period).json()
        for sums in ([said["totals"]], said["by_model"], said["by_persona"]):
            assert sum(one["calls"] for one in sums) == bill.calls
            assert sum(one["tokens"] for one in sums) == bill.tokens
            assert sum(one["unpriced_calls"] for one in sums) == bill.unpriced
            assert sum(Decimal(cost["amount"]) for one in sums for cost in one["costs"]) == bill.cost


def _bytes(response: Any) -> bytes:
    assert response.status_code == 200
    if getattr(response, "is_async", False):

        async def read() -> bytes:
            return b"".join([part async for part in response])

        return async_to_sync(read)()
    return b"".join(response)


def _body(response: Any) -> str:
    return _bytes(response).decode()
