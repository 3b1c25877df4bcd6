"""The usage page's figures in words, tables and drawings for its templates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from csuite.analytics.burning import Burning
from csuite.analytics.overview import Overview, Row
from csuite.analytics.templatetags.money import sign
from csuite.charts import Bar, Burn, burn, stacked_bars

LINES = 12  # of a table; the rest is one line
SERIES = 4  # providers with a colour of their own


@dataclass(frozen=True, slots=True)
class Line:
    """`share` of all cost, `width` of the bar (0 to 100, of the dearest line); None where there is no cost."""

    label: str
    calls: int
    tokens: int
    cost: Decimal | None
    currency: str
    share: Any
    width: float | None
    per_call: Decimal | None = None
    hue: str = ""
    note: str = ""
    budget: Burning | None = None


def lines(
    rows: list[Row],
    label: Callable[[Row], str],
    hues: Mapping[str, str] | None = None,
    budget: Callable[[Row], Burning | None] = lambda row: None,
) -> list[Line]:
    """A table's lines, dearest first; beyond LINES they are summed up."""
    shown = rows if len(rows) <= LINES else rows[: LINES - 1]
    top: Decimal = max((row["cost"] or Decimal(0) for row in rows), default=Decimal(0))
    found = [
        replace(_line(row, label(row), top, (hues or {}).get(row.get("persona") or "", "")), budget=budget(row))
        for row in shown
    ]
    if len(shown) < len(rows):
        found.append(_others(rows[len(shown) :], top))
    return found


def _line(row: Row, label: str, top: Decimal, hue: str = "") -> Line:
    cost = row["cost"]
    width = float(cost / top * 100) if cost is not None and top else None
    return Line(
        label, int(row["calls"]), int(row["tokens"]), cost, row["currency"], row["share_of_cost"], width,
        row["cost_per_call"], hue, "No price" if cost is None else "",
    )  # fmt: skip


def _others(rows: list[Row], top: Decimal) -> Line:
    currency = rows[0]["currency"]
    same = [row for row in rows if row["currency"] == currency]
    cost = sum((row["cost"] or Decimal(0) for row in same), Decimal(0))
    share = sum((row["share_of_cost"] or Decimal(0) for row in same), Decimal(0))
    calls, tokens = (int(sum(row[name] for row in rows)) for name in ("calls", "tokens"))
    return Line(
        f"{len(rows)} others", calls, tokens, cost, currency, share,
        float(min(cost / top * 100, Decimal(100))) if top else None, cost / calls if calls else None,
    )  # fmt: skip


def axis(currency: str) -> Callable[[float], str]:
    """Labels of a value axis."""

    def say(value: float) -> str:
        places = 0 if value >= 10 or value == 0 else 2 if value >= 0.01 else 4
        return f"{sign(currency)}{value:,.{places}f}"

    return say


def burn_chart(found: Overview, budget: Decimal | None) -> str:
    """Cumulative cost of the month, its forecast and its budget; "" for what is no month."""
    if not found.days or found.cost is None:
        return ""
    total, spent = 0.0, []
    for _, cost in found.days:
        total += float(cost)
        spent.append(total)
    ahead = found.forecast.days[1:] if found.forecast else ()
    ranged = bool(ahead) and all(one.low is not None for one in ahead)
    say = axis(found.currency)
    labels = [f"{day.day}" for day, _ in found.days] + [f"{one.day.day}" for one in ahead]
    labels[0] = f"{found.days[0][0]:%-d %b}"
    about = f"{say(total)} by {found.days[-1][0]:%-d %B}"
    if ahead:
        about += f"; forecast {say(ahead[-1].total)} by the end of the month"
    if budget is not None:
        about += f"; the budget is {say(float(budget))}"
    data = Burn(
        labels=labels,
        spent=spent,
        ahead=[one.total for one in ahead],
        low=[one.low or 0.0 for one in ahead] if ranged else (),
        high=[one.high or 0.0 for one in ahead] if ranged else (),
        limit=None if budget is None else float(budget),
    )
    return burn(data, name="burn", title=f"Cumulative cost in {found.period.since:%B %Y}", about=f"{about}.", say=say)


def burn_title(found: Overview, budget: Decimal | None) -> str:
    """What the drawing says, in a sentence."""
    name = f"{found.period.since:%B}"
    if found.cost is None:
        return f"Cost in {name}"
    if budget is not None:
        over = runs_out(found, budget)
        if over is not None:
            if over <= found.days[-1][0]:
                return f"The budget ran out on {over:%-d %B}"
            return f"The budget runs out on {over:%-d %B} at the present pace"
        return f"{name} stays within its budget" if found.forecast else f"{name} stayed within its budget"
    if found.forecast:
        return f"{name} will end near {axis(found.currency)(found.forecast.end.total)} at the present pace"
    return f"{name} cost {axis(found.currency)(float(found.cost))}"


def runs_out(found: Overview, budget: Decimal) -> date | None:
    """The day on which the budget is used up, seen or foreseen; None within this month."""
    total = Decimal(0)
    for day, cost in found.days:
        total += cost
        if total >= budget > 0:
            return day
    ahead = found.forecast.days if found.forecast else ()
    return next((one.day for one in ahead if one.total >= float(budget) > 0), None)


def trend_chart(found: Overview) -> str:
    """Cost by day or month, providers stacked, dearest at the floor."""
    if not any(cost for _, costs in found.bars for cost in costs):
        return ""
    say = axis(found.currency)
    bars = [Bar(_when(found, day, n), _folded(costs)) for n, (day, costs) in enumerate(found.bars)]
    sums = [sum(bar.values) for bar in bars]
    top = sums.index(max(sums))
    about = f"Stacked bars. The highest is {_day(found.bars[top][0], found)} with {say(sums[top])}."
    unit = "Daily" if found.period.granularity == "day" else "Monthly"
    return stacked_bars(bars, name="trend", title=f"{unit} cost by provider", about=about, say=say)


def _folded(costs: list[Decimal]) -> list[float]:
    values = [max(0.0, float(cost)) for cost in costs]
    return values if len(values) <= SERIES else [*values[:SERIES], sum(values[SERIES:])]


def _when(found: Overview, day: str, place: int) -> str:
    at = date.fromisoformat(day)
    if found.period.granularity == "month":
        return f"{at:%b %Y}" if place == 0 or at.month == 1 else f"{at:%b}"
    return f"{at:%-d %b}" if place == 0 or at.day == 1 else f"{at.day}"


def _day(day: str, found: Overview) -> str:
    at = date.fromisoformat(day)
    return f"{at:%B %Y}" if found.period.granularity == "month" else f"{at:%-d %B}"


def trend_table(found: Overview) -> dict[str, Any]:
    """The same as a table: one column a provider."""
    names = list(dict.fromkeys(row["provider"] for row in found.providers))
    body = [(_day(day, found), costs, sum(costs, Decimal(0))) for day, costs in found.bars]
    return {"names": names, "rows": body, "unit": "Day" if found.period.granularity == "day" else "Month"}


def burn_table(found: Overview) -> list[tuple[date, Decimal | None, Any]]:
    """(day, cost or None ahead, cumulative)."""
    total, rows = Decimal(0), []
    for day, cost in found.days:
        total += cost
        rows.append((day, cost, total))
    ahead = found.forecast.days[1:] if found.forecast else ()
    return rows + [(one.day, None, Decimal(str(round(one.total, 2)))) for one in ahead]


def change(now: Decimal | None, earlier: Decimal | None) -> float | None:
    """In percent; None if there is nothing to compare with."""
    return float((now - earlier) / earlier * 100) if now is not None and earlier else None
