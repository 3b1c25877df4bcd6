"""The usage page of finance: what it adds up, foresees and calls red, and that reports for programs say the same."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from csuite.analytics.budgets.rows import Budget
from csuite.analytics.burning import Burning
from csuite.analytics.calls import Month
from csuite.analytics.models import CacheEvent
from csuite.analytics.ratings import Ratings, register
from csuite.analytics.rollups.rebuilding import run
from csuite.tenants.scope import tenant_scope
from tests.analytics.booking import booked

pytestmark = pytest.mark.django_db


def at(days: int = 0, **more: int) -> datetime:
    """A moment of this month, or `days` before it began."""
    return Month.of(timezone.now()).start - timedelta(days=days) + timedelta(minutes=1, **more)


def seen(cast: Any, who: str = "fiona", **query: str) -> str:
    response = cast.client(getattr(cast, who)).get("/usage/", query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_it_adds_up_by_persona_model_person_and_task(cast: Any) -> None:
    booked(cast.acme.id, cast.bob.id, cost=Decimal("3"), started_at=at())
    booked(cast.acme.id, cast.alice.id, cost=Decimal("1"), provider="groq", model="llama", task="deal", started_at=at())
    booked(cast.rival.id, cast.charlie.id, cost=Decimal("50"), started_at=at())
    text = words(seen(cast))
    assert "Cost to date $4.00" in text or "Cost $4.00" in text
    for line in ("CFO 2 2k $4.00", "gpt-4.1-mini, openai 1 1k $3.00", "Bob 1 1k $3.00", "Alice 1 1k $1.00", "deal 1"):
        assert line in text, line
    assert "75.0%" in text
    assert "2 people" in text
    assert "$50" not in text


def test_the_last_call_is_in_it_at_once(cast: Any) -> None:
    booked(cast.acme.id, cost=Decimal("1"), started_at=timezone.now())
    assert "$1.00" in words(seen(cast))
    booked(cast.acme.id, cost=Decimal("1"), started_at=timezone.now())
    assert "$2.00" in words(seen(cast))


def test_page_report_and_list_say_the_same(cast: Any) -> None:
    for cost in ("0.1234567891", "2.5", "7"):
        booked(cast.acme.id, cost=Decimal(cost), started_at=at())
    month = str(Month.of(timezone.now()))
    client = cast.client(cast.fiona)
    report = client.get("/api/v1/analytics/llm/provider-comparison").json()
    assert report["totals"]["cost"] == "9.6234567891"
    for page in ("/usage/", "/usage/calls/"):
        assert "$9.62" in client.get(page, {"month": month}).content.decode()


def test_an_unknown_price_is_red_and_in_no_cost(cast: Any) -> None:
    booked(cast.acme.id, cost=None, provider="mistral", model="new-one", started_at=at())
    html = seen(cast)
    assert "1 call has no price and is not in any cost." in words(html)
    assert '<tr data-state="bad">' in html
    assert "Unknown" in words(html)
    assert "tell them the provider and the model" in words(html)


def test_staff_of_the_platform_are_led_to_the_form_for_that_price(cast: Any) -> None:
    cast.fiona.is_staff = True
    cast.fiona.save()
    booked(cast.acme.id, cost=None, provider="mistral", model="new one", started_at=at())
    assert "/admin/providers/price/add/?provider=mistral&model=new+one" in seen(cast)


def test_a_month_that_runs_is_foreseen_and_the_method_is_said(cast: Any) -> None:
    for back in range(1, 60):
        booked(cast.acme.id, cost=Decimal("10"), started_at=timezone.now() - timedelta(days=back))
    run()
    text = words(seen(cast))
    assert "will end near $" in text
    assert "80% range $" in text
    assert "Each day to come costs what its weekday did over the last eight weeks" in text
    assert "on the same days of the month before" in text


def test_without_two_weeks_of_calls_nothing_is_foreseen(cast: Any) -> None:
    booked(cast.acme.id, started_at=timezone.now())
    assert "needs two weeks of calls" in words(seen(cast))


def budget(cast: Any, amount: str | None, **more: Any) -> None:
    with tenant_scope(cast.acme.id):
        Budget(amount=amount and Decimal(amount), **more).save()


def test_the_budget_of_the_month_is_burnt_by_what_the_page_shows(cast: Any) -> None:
    booked(cast.acme.id, cost=Decimal("3"), started_at=at())
    budget(cast, "2", scope="persona", persona="cfo")
    assert "None set" in words(seen(cast))
    budget(cast, "12")
    text = words(seen(cast))
    assert "Budget used of $12.00 25.0%" in text
    assert "Budget $12" in text


def test_a_budget_that_is_used_up_is_said_in_the_title(cast: Any) -> None:
    booked(cast.acme.id, cost=Decimal("30"), started_at=at())
    budget(cast, "12")
    assert f"The budget ran out on 1 {at():%B}" in words(seen(cast))


def test_the_days_it_shows_are_written_once(cast: Any) -> None:
    assert "24 November 2026, from" in words(seen(cast, **{"from": "2026-11-24", "to": "2026-11-24"}))
    assert " to 24 November" not in words(seen(cast, **{"from": "2026-11-24", "to": "2026-11-24"}))
    assert "3 to 9 February 2026, from" in words(seen(cast, **{"from": "2026-02-03", "to": "2026-02-09"}))
    assert "28 January to 9 February 2026, from" in words(seen(cast, **{"from": "2026-01-28", "to": "2026-02-09"}))
    assert "30 December 2025 to 9 February 2026" in words(seen(cast, **{"from": "2025-12-30", "to": "2026-02-09"}))


def test_limits_of_persons_stand_beside_what_they_cost(cast: Any) -> None:
    booked(cast.acme.id, cast.bob.id, cost=Decimal("3"), started_at=at())
    booked(cast.acme.id, cast.alice.id, cost=Decimal("1"), started_at=at())
    assert "Limit Used" not in words(seen(cast))
    budget(cast, "2", scope="user", user=cast.bob.id)
    budget(cast, "8", scope="user", user=cast.alice.id, period="day")
    text = words(seen(cast))
    assert "Limit Used" in text
    assert "Bob 1 1k $3.00 $3.0000 75.0% $2.00 150.0%" in text
    assert re.search(r"Alice 1 1k \$1\.00 \$1\.0000 25\.0% (?!\$)", text)


def test_a_forecast_beyond_the_budget_says_by_how_much(cast: Any) -> None:
    for day in range(40):
        booked(cast.acme.id, cost=Decimal("1"), started_at=timezone.now() - timedelta(days=day))
    html = seen(cast)
    assert " over, " not in words(html)
    budget(cast, "0.5")
    html = seen(cast)
    assert re.search(r"\$\d[\d.,]* over, ", words(html))
    budget_bar = html[html.index("Budget used") :]
    assert 'class="ahead"' not in budget_bar[: budget_bar.index("</svg>")]  # it is full


def test_what_a_budget_has_to_come_is_drawn() -> None:
    burning = Burning(Decimal(100), Decimal("0.6"), foreseen=0.9)
    assert (burning.width, round(burning.ahead), burning.over) == (60.0, 30, None)
    full = Burning(Decimal(100), Decimal("0.9"), foreseen=1.25)
    assert (full.width, round(full.ahead), full.over) == (90.0, 10, Decimal(25))


def test_an_unlimited_budget_or_one_in_another_currency_is_none(cast: Any) -> None:
    booked(cast.acme.id, cost=Decimal("30"), started_at=at())
    budget(cast, None)
    assert "None set" in words(seen(cast))


def test_every_drawing_has_its_table(cast: Any) -> None:
    booked(cast.acme.id, cost=Decimal("3"), started_at=at())
    html = seen(cast)
    for figure in re.findall(r"<figure.*?</figure>", html):
        assert figure.count('<svg class="chart__plot') == 2
        assert "<desc" in figure
        assert "$3.00" in figure.partition("<table")[2]
    assert html.count("<figure") == 2


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ({"month": "soon"}, "A month is written like 2026-11."),
        ({"from": "2026-11-01"}, "Choose a first and a last day"),
        ({"from": "2026-11-09", "to": "2026-11-01"}, "The first day lies before the last one."),
        ({"from": "2001-11-09", "to": "2026-11-01"}, "at most three years"),
        ({"from": "9999-12-31", "to": "9999-12-31"}, "Choose a first and a last day"),
    ],
)
def test_a_time_that_cannot_be_meant_is_said_and_this_month_is_shown(
    cast: Any, query: dict[str, str], fault: str
) -> None:
    assert fault in words(seen(cast, **query))


def test_other_times_can_be_chosen(cast: Any) -> None:
    booked(cast.acme.id, cost=Decimal("3"), started_at=at(days=20))
    booked(cast.acme.id, cost=Decimal("4"), started_at=at())
    first = at(days=30).date().isoformat()
    assert "Cost $7.00" in words(seen(cast, **{"from": first, "to": timezone.now().date().isoformat()}))
    year = next(q for q in re.findall(r'href="/usage/\?([^"]*)">12 months', seen(cast)))
    assert "Cost per month by provider" in words(
        seen(cast, **dict(pair.split("=") for pair in year.replace("&amp;", "&").split("&")))
    )


def test_quality_stands_beside_its_targets(cast: Any) -> None:
    for _ in range(9):
        booked(cast.acme.id, started_at=at(), ttft_ms=400, total_ms=2400)
    booked(cast.acme.id, started_at=at(), error_kind="timeout", ttft_ms=None)
    html = seen(cast)
    assert '10.0%<span class="visually-hidden">, missed' in html
    assert "not measured" in html


def test_satisfaction_and_cache_hits_say_that_nothing_is_counted_yet(cast: Any) -> None:
    booked(cast.acme.id, started_at=at())
    text = words(seen(cast))
    assert "Satisfaction (CSAT) 80% at least no ratings yet" in text
    assert "Cache hits 10% at least cache is not in use" in text


def test_satisfaction_and_cache_hits_stand_beside_their_targets(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def count(*what: Any) -> Ratings:
        asked.append(what)
        return Ratings(rated=4, good=3)

    monkeypatch.setattr("csuite.analytics.ratings._counts", [])
    register(count)
    booked(cast.acme.id, started_at=at())
    with tenant_scope(cast.acme.id):
        for event in ("hit", "miss"):
            CacheEvent.objects.create(event=event, cache="exact", at=at(), currency="USD")
    html = seen(cast)
    assert '75.0%<span class="visually-hidden">, missed' in html
    assert "Cache hits 10% at least 50.0%" in words(html)
    assert asked == [(cast.acme.id, at().replace(minute=0), Month.of(timezone.now()).end)]


def test_what_others_wrote_is_only_text(cast: Any) -> None:
    booked(cast.acme.id, model="<img src=x onerror=alert(1)>", provider="<b>", started_at=at())
    html = cast.client(cast.fiona).get("/usage/").content.decode()
    assert "<img src=x" not in html
    assert "<b>," not in html


def test_nothing_at_all_is_said_kindly(cast: Any) -> None:
    assert "No calls in this time" in words(seen(cast))
