"""The cash forecast as the pipeline page shows it, and as a CSV file."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from csuite.charts import Band, band
from csuite.personas.cashflow import Bucket, Forecast, Prediction, explain_assumptions, generate_forecast_table
from csuite.personas.cashflow.results import Decider, Granularity, Step
from csuite.personas.forecasts import Standing, standing
from csuite.personas.notereading import OUTCOME
from csuite.profiles import formatting, months
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest

HORIZON: dict[Granularity, int] = {"week": 91, "month": 182}  # days ahead
LARGE = Decimal(100_000)  # of a period, from which thousands are precise enough
OLD = 14  # days without a new entry, after which the page warns


@dataclass(frozen=True, slots=True)
class Period:
    """One column of the table, as text; `url` leads to what the figure is made of."""

    label: str
    url: str
    paid: str
    low: str
    high: str
    invoiced: str
    deals: int


@dataclass(frozen=True, slots=True)
class Cash:
    title: str
    sub: str
    chart: SafeString
    by: Granularity
    unit: str
    periods: Sequence[Period]
    totals: Period
    main: Sequence[Step]
    rules: Sequence[Step]
    warnings: Sequence[str]
    left_out: Sequence[str]
    unread: int
    unread_why: str
    read: int
    newest: date | None
    stale: bool
    beyond: str
    unlearned: bool


def granularity(request: MemberRequest) -> Granularity:
    return "month" if request.GET.get("by") == "month" else "week"


def forecast_of(request: MemberRequest) -> Cash | None:
    """None where nothing is open that money could come from."""
    by = granularity(request)
    state = standing(request.member.tenant)
    forecast = state.forecast(("", HORIZON[by], by, 0.0))
    if not forecast.predictions and not forecast.left_out:
        return None
    unit, say = _unit(forecast)
    periods = [_period(bucket, by, say) for bucket in forecast.buckets]
    return Cash(
        title=_title(forecast),
        sub=f"Money expected in each {by}, {formatting.symbol(forecast.currency).strip()}",
        chart=_chart(forecast),
        by=by,
        unit=unit,
        periods=periods,
        totals=_totals(forecast.buckets, say),
        main=_main(forecast, state),
        rules=explain_assumptions(state.cashbook.assumptions, state.learned, forecast),
        warnings=forecast.metadata.warnings,
        left_out=[f"{one.id}: {one.reason}" for one in forecast.left_out]
        + [f"{reference}: its value is not known" for reference in state.cashbook.unvalued],
        unread=len(state.cashbook.unread),
        unread_why=_unread_why(request) if state.cashbook.unread else "",
        read=len(state.cashbook.hints),
        newest=(newest := newest_entry(state)),
        stale=newest is None or (forecast.today - newest).days > OLD,
        beyond=formatting.money(forecast.metadata.beyond, forecast.currency),
        unlearned=not any(one.decided_by == "history" for one in forecast.predictions),
    )


def _unread_why(request: MemberRequest) -> str:
    """Why the last reading of notes stopped, if one did of late."""
    return str(cache.get(OUTCOME.format(tenant=request.member.tenant_id)) or "")


def newest_entry(state: Standing) -> date | None:
    """The latest day, up to today, on which something is recorded to have happened."""
    book = state.cashbook.book
    days = [day for one in book.invoices for day in (one.issued_on, one.settled_on)]
    days += [one.entered_on for one in book.deals]
    days += [day for one in book.spells for day in (one.entered_on, one.ended_on)]
    return max((day for day in days if day and day <= state.today), default=None)


def _unit(forecast: Forecast) -> tuple[str, Any]:
    """What the table counts in, and how it writes an amount."""
    mark = formatting.symbol(forecast.currency).strip()
    if max((bucket.high for bucket in forecast.buckets), default=Decimal(0)) < LARGE:
        return mark, formatting.number
    return f"{mark}k", lambda value: formatting.number(value / 1000)


def label(bucket: Bucket, by: Granularity) -> str:
    name = months.NAMES[bucket.start.month - 1][:3]
    return f"{name} {bucket.start.year}" if by == "month" else f"{bucket.start.day} {name}"


def _period(bucket: Bucket, by: Granularity, say: Any) -> Period:
    return Period(
        label=label(bucket, by),
        url=f"{reverse('forecast_period', args=[bucket.start.isoformat()])}?by={by}",
        paid=say(bucket.paid),
        low=say(bucket.low),
        high=say(bucket.high),
        invoiced=say(bucket.invoiced),
        deals=bucket.deals,
    )


def _totals(buckets: Sequence[Bucket], say: Any) -> Period:
    """Ranges of single periods do not add up to one of their sum, so the totals have none."""
    paid = sum((bucket.paid for bucket in buckets), Decimal(0))
    invoiced = sum((bucket.invoiced for bucket in buckets), Decimal(0))
    return Period("Total", "", say(paid), "", "", say(invoiced), sum(bucket.deals for bucket in buckets))


def _title(forecast: Forecast) -> str:
    total = sum((bucket.paid for bucket in forecast.buckets), Decimal(0))
    until = months.day(forecast.buckets[-1].end)
    if not total:
        return f"No money is expected until {until}"
    most = max(forecast.buckets, key=lambda bucket: bucket.paid)
    when = months.NAMES[most.start.month - 1]
    when = when if forecast.granularity == "month" else f"in the week of {most.start.day} {when}"
    strong = "the strongest month is" if forecast.granularity == "month" else "most in a week comes"
    return f"{formatting.money(total, forecast.currency)} is expected until {until}; {strong} {when}"


def _chart(forecast: Forecast) -> SafeString:
    buckets, by = forecast.buckets, forecast.granularity
    data = Band(
        [label(bucket, by) for bucket in buckets],
        [float(bucket.paid) for bucket in buckets],
        [float(bucket.low) for bucket in buckets],
        [float(bucket.high) for bucket in buckets],
    )
    if min((*data.values, *data.low), default=0.0) < 0:  # more credit notes than money: the table alone tells it
        return mark_safe("")
    most = max(buckets, key=lambda bucket: bucket.paid)
    about = (
        f"The highest {by} begins on {months.day(most.start)} with {formatting.money(most.paid, forecast.currency)}, "
        f"in four of five cases between {formatting.money(most.low, forecast.currency)} "
        f"and {formatting.money(most.high, forecast.currency)}. The table below has every {by}."
    )
    say = lambda value: formatting.money(Decimal(value), forecast.currency)  # noqa: E731 -- as charts take it
    drawn = band(data, name="cash", title=f"Money expected by {by}", about=about, say=say)
    return mark_safe(drawn)  # noqa: S308 -- charts escape what they are given


def _main(forecast: Forecast, state: Standing) -> list[Step]:
    """The few lines beside the chart; all of them stand below it."""
    rules, payments = state.cashbook.assumptions, state.learned.payments
    ones = forecast.predictions
    deals = [one for one in ones if one.kind == "deal"]
    if payments.count < rules.least_history:
        paying = Step("Payment after invoice", f"{rules.payment_days} days, by rule")
    else:
        late = round(payments.pool.level)
        side = "after" if late >= 0 else "before"
        said = f"{abs(late)} day{'' if abs(late) == 1 else 's'} {side} due, of {payments.count:,} paid"
        paying = Step("Invoices are paid", said)
    old = sum(
        (forecast.today - deal.entered_on).days > rules.long_stay_days
        for deal in state.cashbook.book.deals
        if deal.entered_on
    )
    low = rules.low_confidence
    steps = [
        paying,
        *(
            Step(f"{name.capitalize()} to invoice", f"{rules.cycle_days[name]} days, by rule")
            for name in ("order received", "production/supplying")
            if (stay := state.learned.stays.get(name)) is None or stay.endings < rules.least_history
        ),
        Step(f"Deals over {rules.long_stay_days} days in a stage", f"{old:,}"),
        Step("Invoice dates by rule", f"{sum(one.invoice.decided_by == 'rule' for one in deals):,} of {len(deals):,}"),
        Step("Payment dates by history", f"{sum(one.decided_by == 'history' for one in ones):,} of {len(ones):,}"),
        Step("Dates read in notes", f"{sum(_by(one, 'model') for one in ones):,}"),
        Step("Set by hand", f"{sum(_by(one, 'person') or bool(one.by_hand) for one in ones):,}"),
        Step(f"Confidence under {low}", f"{sum(one.confidence < low for one in ones):,}"),
    ]
    if payments.shift >= 0.1:
        steps.append(Step("Weeks move together by", f"{payments.shift:.1f} days, of {payments.weeks} weeks"))
    return steps


def _by(one: Prediction, who: Decider) -> bool:
    return who in (one.invoice.decided_by, one.payment.decided_by)


@require_safe
@member_required()
def cash_csv(request: MemberRequest) -> HttpResponse:
    """The table with every figure to the cent."""
    by = granularity(request)
    forecast = standing(request.member.tenant).forecast(("", HORIZON[by], by, 0.0))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="cash-by-{by}-{forecast.today:%Y-%m-%d}.csv"'
    table, write = generate_forecast_table(forecast), csv.writer(response).writerow
    write([*table.columns, "Currency"])
    for row in (*table.rows, table.totals):
        write([*row, forecast.currency])
    return response
