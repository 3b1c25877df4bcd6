"""The list of calls for finance: whose it is, what it adds up to, and that unknown is never shown as nothing."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import AsyncClient
from django.utils import timezone

from csuite.analytics import calls
from csuite.llm.usage import Usage
from csuite.tenants.db import in_db
from csuite.tenants.models import AuditEntry, Limit
from csuite.tenants.scope import tenant_scope
from tests.analytics.booking import NOW, booked

pytestmark = pytest.mark.django_db

NOVEMBER = {"month": "2026-11"}


def page(cast: Any, who: str = "fiona", **query: str) -> str:
    response = cast.client(getattr(cast, who)).get("/usage/calls/", {**NOVEMBER, **query})
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize(("who", "status"), [("fiona", 200), ("alice", 200), ("bob", 403), ("charlie", 403)])
def test_finance_and_admins_see_it_and_nobody_else(cast: Any, who: str, status: int) -> None:
    for address in ("/usage/calls/", "/usage/calls.csv"):
        assert cast.client(getattr(cast, who)).get(address).status_code == status


def test_a_stranger_is_sent_to_sign_in(cast: Any) -> None:
    assert cast.client().get("/usage/calls/")["Location"].startswith("/accounts/login/")


def test_a_line_tells_who_asked_whom_and_what_it_took(cast: Any) -> None:
    booked(cast.acme.id, cast.bob.id)
    seen = words(page(cast))
    for word in ("Bob", "CFO", "chat", "openai", "gpt-4.1-mini", "1,000", "200", "$0.0123", "0.42 s", "2.10 s", "stop"):
        assert word in seen


def test_nothing_of_another_tenant_is_seen(cast: Any) -> None:
    booked(cast.rival.id, cast.charlie.id, model="secret-model")
    html = page(cast)
    assert "secret-model" not in html
    assert "No calls in November 2026" in html


def test_who_left_and_the_platform_itself_have_no_name(cast: Any) -> None:
    booked(cast.acme.id, uuid4())
    booked(cast.acme.id, None)
    seen = words(page(cast))
    assert "Former member" in seen
    assert "csuite itself" in seen


def test_an_unknown_price_is_red_and_in_no_total(cast: Any) -> None:
    booked(cast.acme.id, cost=Decimal("1.5"))
    booked(
        cast.acme.id,
        cost=None,
        provider="mistral",
        model="mistral-medium-2611",
        usage=Usage(prompt=61000, completion=204),
    )
    html = page(cast)
    seen = words(html)
    assert '<span class="bad">Unpriced</span>' in html
    assert "1 call has no price and is not in any cost" in seen
    assert "mistral/mistral-medium-2611 (1 call, 61,204 tokens)" in seen
    assert "$1.50" in seen
    assert "of the priced calls only" in seen


def test_only_unpriced_calls_cost_something_unknown_and_not_nothing(cast: Any) -> None:
    booked(cast.acme.id, cost=None)
    seen = words(page(cast))
    assert "Cost Unknown" in seen
    assert "$0" not in seen


def test_what_the_provider_did_not_say_is_not_zero(cast: Any) -> None:
    booked(cast.acme.id, usage=Usage(), error_kind="rate_limit", cost=Decimal(0), ttft_ms=None)
    seen = words(page(cast))
    assert seen.count("not said") == 2
    assert "rate_limit" in seen
    assert "1 failed" in seen


def test_a_stopped_answer_is_no_failure(cast: Any) -> None:
    booked(cast.acme.id, error_kind="cancelled")
    seen = words(page(cast))
    assert "cancelled" in seen
    assert "0 failed" in seen


def test_each_currency_has_its_own_total(cast: Any) -> None:
    booked(cast.acme.id, cost=Decimal("1"))
    booked(cast.acme.id, cost=Decimal("2"), currency="EUR")
    seen = words(page(cast))
    assert "$1.00" in seen
    assert "€2.00" in seen


def test_tokens_that_a_provider_counts_apart_are_added(cast: Any) -> None:
    booked(cast.acme.id, usage=Usage(prompt=100, completion=10, cached=400, cache_write=50, cached_apart=True))
    row = booked(cast.acme.id, usage=Usage(prompt=500, completion=10, cached=400))
    with tenant_scope(cast.acme.id):
        totals = calls.totals(calls.of_month(calls.Month(2026, 11)))
    assert totals.tokens == 560 + 510
    assert row.all_tokens == 510


@pytest.mark.parametrize(
    "query",
    [{"persona": "cto"}, {"model": "groq/llama"}, {"person": "other"}, {"month": "2026-10"}],
)
def test_it_can_be_narrowed_by_month_person_persona_and_model(cast: Any, query: dict[str, str]) -> None:
    booked(cast.acme.id, cast.bob.id, request_id="usual", cost=Decimal(1))
    labels = {"persona": "cto", "user": str(cast.alice.id)}
    moment = datetime(2026, 10, 31, 23, 59, tzinfo=UTC) if "month" in query else NOW
    booked(cast.acme.id, labels=labels, provider="groq", model="llama", cost=Decimal(3), started_at=moment)
    if "person" in query:
        query = {"person": str(cast.alice.id)}
    seen = words(page(cast, **query))
    assert "$3.00" in seen
    assert "$1.00" not in seen
    assert "$4.00" not in seen


def test_every_call_is_on_exactly_one_page(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = {booked(cast.acme.id, started_at=NOW + timedelta(seconds=n // 3)).id for n in range(11)}
    seen: list[Any] = []
    mark = None
    with tenant_scope(cast.acme.id):
        for _ in range(4):
            rows, more = calls.page(calls.of_month(calls.Month(2026, 11)), mark, size=3)
            seen += [row.id for row in rows]
            mark = calls.Mark.at(rows[-1])
    assert not more
    assert len(seen) == 11
    assert set(seen) == ids


def test_the_pages_lead_on_and_back(cast: Any) -> None:
    for n in range(calls.PAGE + 1):
        booked(cast.acme.id, started_at=NOW - timedelta(minutes=n))
    html = page(cast)
    assert html.count("<tr data") + html.count('<tr> <th scope="row"') == calls.PAGE
    older = re.search(r'href="(\?[^"]*after=[^"]*)"', html)
    assert older
    second = page(cast, after=older[1].partition("after=")[2])
    assert second.count('<th scope="row">') == 1
    assert "Newest" in second


def test_an_old_month_that_is_asked_for_can_be_chosen(cast: Any) -> None:
    html = page(cast, month="2019-03")
    assert '<option value="2019-03" selected>March 2019</option>' in html


def test_this_month_is_shown_first(cast: Any) -> None:
    booked(cast.acme.id, started_at=timezone.now(), cost=Decimal(7))
    response = cast.client(cast.fiona).get("/usage/calls/")
    assert "$7.00" in response.content.decode()


def test_what_others_wrote_is_only_text(cast: Any) -> None:
    booked(cast.acme.id, model="<img src=x onerror=alert(1)>", finish_reason="<blink>")
    html = cast.client(cast.fiona).get("/usage/calls/", NOVEMBER).content.decode()
    assert "<img src=x" not in html
    assert "<blink>" not in html


async def exported(cast: Any, **query: str) -> list[dict[str, str]]:
    client = AsyncClient()
    await client.aforce_login(cast.fiona)
    response: Any = await client.get("/usage/calls.csv", {**NOVEMBER, **query})
    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="calls-2026-11.csv"'
    text = b"".join([part async for part in response]).decode()
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.django_db(transaction=True)
async def test_the_export_has_every_row_of_the_choice_whatever_the_batches(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csuite.analytics.export.BATCH", 2)
    for n in range(5):
        await in_db(booked, cast.acme.id, cast.bob.id, started_at=NOW - timedelta(minutes=n), number=n + 1)
    await in_db(booked, cast.acme.id, cast.bob.id, model="=HYPERLINK(1)", cost=None)
    await in_db(booked, cast.rival.id, cast.charlie.id)
    rows = await exported(cast, person=str(cast.bob.id))
    assert len(rows) == 6
    assert {row["person"] for row in rows} == {"Bob"}
    (odd,) = [row for row in rows if row["model"].endswith("HYPERLINK(1)")]
    assert odd["model"] == "'=HYPERLINK(1)"
    assert odd["cost"] == ""
    assert rows[1]["cost"] == "0.0123000000"


@pytest.mark.django_db(transaction=True)
async def test_an_empty_export_is_its_head(cast: Any) -> None:
    assert await exported(cast) == []


@pytest.mark.django_db(transaction=True)
async def test_an_export_is_written_down_and_counted_as_a_large_operation(cast: Any) -> None:
    def audited() -> list[Any]:
        return list(AuditEntry.objects.filter(action="usage.exported").values_list("user", "target", "detail"))

    await in_db(Limit(name="expensive", tenant=cast.acme, amount=1, seconds=3600).save)
    await exported(cast, persona="cfo")
    assert await in_db(audited, tenant=cast.acme.id) == [
        (cast.fiona.id, "2026-11", {"query": "month=2026-11&persona=cfo"})
    ]
    client = AsyncClient()
    await client.aforce_login(cast.fiona)
    assert (await client.get("/usage/calls.csv")).status_code == 429
    assert len(await in_db(audited, tenant=cast.acme.id)) == 1
