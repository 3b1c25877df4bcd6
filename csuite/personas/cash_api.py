"""`POST /cashflow/predict`, `GET /cashflow/explain`: the cash forecast for programs; the same under /api/v1/cashflow/,
where it is described.

It stands on the company's own rows; nothing is sent but what is asked. Money is text in the company's currency.
"""

import datetime
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field, StringConstraints

from csuite.deals.models import Pipeline
from csuite.personas.cashflow import Forecast, Prediction, explain_assumptions
from csuite.personas.cashflow.forecasting import LONGEST_HORIZON
from csuite.personas.cashflow.results import Decider, Granularity, Step, Timing
from csuite.personas.forecasts import Standing, standing
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem

Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^[^\x00]*$")]
Days = Annotated[int, Field(ge=1, le=LONGEST_HORIZON)]
Share = Annotated[float, Field(ge=0, le=1)]
Kind = Literal["deal", "invoice"]


class PredictIn(Schema):
    """`pipeline_name` "" is all pipelines, with the invoices that belong to none. Deals and invoices under
    `least_confidence` are left out, and named."""

    model_config = ConfigDict(extra="forbid")

    pipeline_name: Name = ""
    horizon_days: Days = 91
    granularity: Granularity = "week"
    least_confidence: Share = 0.0


class StepOut(Schema):
    label: str
    value: str


class TimingOut(Schema):
    """Four in five such cases lie between `low` and `high`, both included."""

    on: datetime.date
    low: datetime.date
    high: datetime.date
    decided_by: Decider
    confidence: float


class PredictionOut(Schema):
    """`chance`: how likely its money comes at all within a year, 0 to 1. `decided_by`: what the payment's date rests
    on: a rule, history, a model that read the notes, or a person."""

    kind: Kind
    id: str
    title: str
    customer: str
    stage: str
    value: str
    chance: float
    invoice: TimingOut
    payment: TimingOut
    confidence: float
    decided_by: Decider
    reasoning: str
    warnings: list[str]


class BucketOut(Schema):
    """Both days included. `deals`: deals and invoices whose payment is most likely in it; `low` and `high` hold the
    payments of four in five such periods."""

    start: datetime.date
    end: datetime.date
    deals: int
    invoiced: str
    paid: str
    low: str
    high: str


class LeftOutOut(Schema):
    kind: Kind
    id: str
    reason: str


class MetadataOut(Schema):
    """`expected` is `paid` of all buckets and `beyond`, what comes after them. `partial`: a model read only some of the
    notes."""

    deals_analyzed: int
    average_confidence: float | None
    expected: str
    beyond: str
    partial: bool
    warnings: list[str]


class ForecastOut(Schema):
    pipeline_name: str
    today: datetime.date
    horizon_days: int
    granularity: Granularity
    currency: str
    buckets: list[BucketOut]
    deals: list[PredictionOut]
    left_out: list[LeftOutOut]
    metadata: MetadataOut


class ExplainIn(Schema):
    """`kind` and `id` (a deal's reference, an invoice's number) together; `period` is the first day of a bucket."""

    pipeline_name: Name = ""
    horizon_days: Days = 91
    granularity: Granularity = "week"
    kind: Kind | None = None
    id: Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")] = ""
    period: datetime.date | None = None


class PartOut(Schema):
    """What a deal or invoice brings to the payments of the period."""

    kind: Kind
    id: str
    paid: str


class ExplanationOut(Schema):
    """`assumptions`: what the whole stands on. `steps`: how one deal's or invoice's dates came about, if it was asked
    for. `parts`: what a period is made of, the largest first."""

    assumptions: list[StepOut]
    steps: list[StepOut]
    parts: list[PartOut]


def predict(request: MemberRequest, body: PredictIn) -> dict[str, Any]:
    """When deals and open invoices are invoiced and paid, and how much by week or month."""
    state = _standing(request, body.pipeline_name)
    forecast = state.forecast((body.pipeline_name, body.horizon_days, body.granularity, body.least_confidence))
    buckets = [
        {
            "start": one.start,
            "end": one.end,
            "deals": one.deals,
            "invoiced": str(one.invoiced),
            "paid": str(one.paid),
            "low": str(one.low),
            "high": str(one.high),
        }
        for one in forecast.buckets
    ]
    unvalued = [("deal", reference, "its value is not known") for reference in _unvalued(state, body.pipeline_name)]
    left = [*((one.kind, one.id, one.reason) for one in forecast.left_out), *unvalued]
    return {
        "pipeline_name": forecast.pipeline,
        "today": forecast.today,
        "horizon_days": forecast.horizon_days,
        "granularity": forecast.granularity,
        "currency": forecast.currency,
        "buckets": buckets,
        "deals": [_prediction(one) for one in forecast.predictions],
        "left_out": [{"kind": kind, "id": key, "reason": why} for kind, key, why in left],
        "metadata": {
            "deals_analyzed": forecast.metadata.analyzed,
            "average_confidence": forecast.metadata.average_confidence,
            "expected": str(forecast.metadata.expected),
            "beyond": str(forecast.metadata.beyond),
            "partial": forecast.metadata.partial,
            "warnings": list(forecast.metadata.warnings),
        },
    }


def explain(request: MemberRequest, asked: Query[ExplainIn]) -> dict[str, Any]:
    """What the forecast stands on, how one deal's dates came about, and what a period is made of."""
    state = _standing(request, asked.pipeline_name)
    forecast = state.forecast((asked.pipeline_name, asked.horizon_days, asked.granularity, 0.0))
    rules = explain_assumptions(state.cashbook.assumptions, state.learned, forecast)
    return {
        "assumptions": _steps(rules),
        "steps": _steps(_found(forecast, asked).steps) if asked.kind or asked.id else [],
        "parts": _parts(forecast, asked.period) if asked.period else [],
    }


def _standing(request: MemberRequest, pipeline: str) -> Standing:
    """Raises Problem for a pipeline that is not there: an empty forecast would look like no money."""
    if pipeline and not Pipeline.objects.filter(name=pipeline).exists():
        raise Problem("not_found", "There is no such pipeline.")
    return standing(request.member.tenant)


def _unvalued(state: Standing, pipeline: str) -> list[str]:
    """Those of all pipelines; of a single one nobody asked which they are."""
    return [] if pipeline else list(state.cashbook.unvalued)


def _found(forecast: Forecast, asked: ExplainIn) -> Prediction:
    for one in forecast.predictions:
        if one.id == asked.id and asked.kind in (None, one.kind):
            return one
    raise Problem("not_found", "There is no such deal or invoice in the forecast.")


def _parts(forecast: Forecast, start: datetime.date) -> list[dict[str, str]]:
    place = next((n for n, bucket in enumerate(forecast.buckets) if bucket.start == start), None)
    if place is None:
        raise Problem("not_found", "There is no such period in the forecast.")
    parts = [(shares[place], kind, key) for (kind, key), shares in forecast.shares.items() if shares[place]]
    parts.sort(key=lambda part: (-part[0], part[1:]))
    return [{"kind": kind, "id": key, "paid": f"{share:.2f}"} for share, kind, key in parts]


def _prediction(one: Prediction) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "id": one.id,
        "title": one.title,
        "customer": one.customer,
        "stage": one.stage,
        "value": str(one.value),
        "chance": one.chance,
        "invoice": _timing(one.invoice),
        "payment": _timing(one.payment),
        "confidence": one.confidence,
        "decided_by": one.decided_by,
        "reasoning": one.reasoning,
        "warnings": list(one.warnings),
    }


def _timing(one: Timing) -> dict[str, Any]:
    return {
        "on": one.on, "low": one.low, "high": one.high, "decided_by": one.decided_by, "confidence": one.confidence,
    }  # fmt: skip


def _steps(steps: Iterable[Step]) -> list[dict[str, str]]:
    return [{"label": step.label, "value": step.value} for step in steps]


def router(names: str) -> Router:
    """A router of its own for each place it is mounted at; `names` begins the names of its addresses."""
    made = Router(tags=["cashflow"])
    made.post("/predict", response=ForecastOut, url_name=f"{names}_predict", operation_id=f"{names}_predict")(predict)
    made.get("/explain", response=ExplanationOut, url_name=f"{names}_explain", operation_id=f"{names}_explain")(explain)
    return made
