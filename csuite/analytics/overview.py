"""The usage page's figures, all of them from rollups and by the same query as the reports for programs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from csuite.analytics import periods
from csuite.analytics.forecast import Forecast, forecast
from csuite.analytics.periods import DAY, Period
from csuite.analytics.queries import cache_effectiveness
from csuite.analytics.queries.asking import Ask
from csuite.analytics.queries.report import Answer, Query, answer
from csuite.analytics.queries.usage import QUALITY, SPENT

HISTORY = timedelta(days=150)  # before a month, for its forecast
MOST = 2000  # lines of a table; nobody reads more

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Overview:
    """`days`: (day, cost) of a month up to today; `bars`: what is drawn by provider."""

    period: Period
    currency: str
    totals: Row
    unpriced: list[Row]
    days: list[tuple[date, Decimal]]
    earlier: Decimal | None
    forecast: Forecast | None
    providers: list[Row]
    bars: list[tuple[str, list[Decimal]]]
    by: dict[str, list[Row]]
    quality: Answer
    savings: Answer

    @property
    def cost(self) -> Decimal | None:
        known: Decimal | None = self.totals["cost"]
        return known

    @property
    def people(self) -> int:
        return sum(1 for row in self.by["person"] if row["user"])


def overview(tenant: UUID, currency: str, period: Period, now: datetime) -> Overview:
    """In the tenant's scope, its due hours filled. `currency` is the company's."""
    ask = Ask((tenant,), period.since, period.until, limit=MOST, display=currency)
    models = _ask(SPENT, ask, "model")
    main = models.currency
    history = _history(ask, period, models)
    shown = [day for day in _span(period.since.date(), period.until.date()) if day <= now.date()]
    days = [(day, history.get(day, Decimal(0))) for day in shown] if period.month else []
    providers = by_cost(_ask(SPENT, ask, "provider", known=models).rows)
    return Overview(
        period=period,
        currency=main,
        totals=models.totals | {"unpriced": models.unpriced_calls},
        unpriced=[row for row in models.rows if row["unpriced_calls"]],
        days=days,
        earlier=_earlier(history, period, now),
        forecast=_forecast(history, period, now),
        providers=providers,
        bars=_bars(ask, period, models, [row["provider"] for row in providers], now),
        by={
            "model": by_cost(models.rows),
            **{group: by_cost(_ask(SPENT, ask, group, known=models).rows) for group in ("persona", "person", "task")},
        },
        quality=_ask(QUALITY, ask, "provider"),
        savings=_ask(cache_effectiveness.QUERY, ask, "cache"),
    )


def _ask(query: Query, ask: Ask, group: str, granularity: str = "", known: Answer | None = None) -> Answer:
    return answer(query, replace(ask, group=group, granularity=granularity), known)


def by_cost(rows: Sequence[Row]) -> list[Row]:
    """Dearest first, unknown costs last."""
    return sorted(rows, key=lambda row: (row["cost"] is None, -(row["cost"] or 0), -row["calls"]))


def _history(ask: Ask, period: Period, known: Answer) -> dict[date, Decimal]:
    """Cost of each day of a month and of those before it, in the main currency."""
    if period.month is None:
        return {}
    found = _ask(SPENT, replace(ask, since=period.since - HISTORY), "none", "day", known)
    return {_day(row): row["cost"] or Decimal(0) for row in found.rows if row["currency"] == known.currency}


def _day(row: Row) -> date:
    return date.fromisoformat(row["period"][:10])


def _earlier(history: dict[date, Decimal], period: Period, now: datetime) -> Decimal | None:
    """What the same days of the month before cost; None if nothing is known of them."""
    span = periods.before(period, now)
    if span is None or not any(day < period.since.date() for day in history):
        return None
    return sum((history.get(day, Decimal(0)) for day in _span(span[0].date(), span[1].date())), Decimal(0))


def _forecast(history: dict[date, Decimal], period: Period, now: datetime) -> Forecast | None:
    if period.month is None or not period.since <= now < period.until:
        return None
    start = period.since.date()
    spent = sum((cost for day, cost in history.items() if start <= day <= now.date()), Decimal(0))
    known = {day: float(cost) for day, cost in history.items() if day <= now.date()}
    return forecast(known, now.date(), period.until.date(), float(spent))


def _bars(
    ask: Ask, period: Period, known: Answer, providers: list[str], now: datetime
) -> list[tuple[str, list[Decimal]]]:
    """(day or month, cost by provider in their order); times without a call are there, those to come are not."""
    found = _ask(SPENT, ask, "provider", period.granularity, known)
    own = [row for row in found.rows if row["currency"] == known.currency]
    costs = {(_day(row), row["provider"]): row["cost"] or Decimal(0) for row in own}
    times = [day for day in _span(period.since.date(), period.until.date()) if day <= now.date()]
    if period.granularity == "month":
        times = list(dict.fromkeys(day.replace(day=1) for day in times))
    names = list(dict.fromkeys(providers))
    return [(day.isoformat(), [costs.get((day, name), Decimal(0)) for name in names]) for day in times]


def _span(first: date, end: date) -> list[date]:
    return [first + n * DAY for n in range((end - first).days)]
