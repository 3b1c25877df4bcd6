"""`/api/v1/deals`: programs read and store deals by their reference. The same again changes nothing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from csuite.deals import changing
from csuite.deals.changing import Refused, Stale, Terms
from csuite.deals.forms import LARGEST
from csuite.deals.models import Deal, Pipeline, Stage
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.problems import Problem

router = Router(tags=["deals"])
PAGE = 200
SOON = timedelta(days=1)  # a program's day may be ahead of the company's


def _line(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL")
    return " ".join(text.split())


Name = Annotated[str, StringConstraints(max_length=160), AfterValidator(_line)]
Short = Annotated[str, StringConstraints(max_length=80), AfterValidator(_line)]


class DealOut(Schema):
    """`value` is a decimal number as text in `currency`; null is not known. `kind` of the stage: open, won or lost."""

    id: UUID
    reference: str
    title: str
    pipeline: str
    stage: str
    kind: str
    customer: str | None
    owner: str | None
    value: str | None
    currency: str
    opened_on: date | None
    stage_since: date | None
    expected_on: date | None
    closed_on: date | None
    version: int


class DealIn(Schema):
    """The whole deal: what is left out is not known. Stages must be there; customers and owners are made.

    With `version` it is stored only if the deal still has that version.
    """

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(max_length=200), AfterValidator(_line)] = ""
    stage: Short
    pipeline: Short = Field(default="", description="Needed where several pipelines have a stage of that name.")
    customer: Name = ""
    owner: Name = ""
    value: Annotated[Decimal, Field(ge=0, lt=LARGEST, decimal_places=2, allow_inf_nan=False)] | None = None
    opened_on: date | None = None
    stage_since: date | None = Field(default=None, description="Of a stage it newly comes into; without it today.")
    expected_on: date | None = None
    version: int | None = None


class Listed(Schema):
    deals: list[DealOut]
    next: str | None = Field(description="`after` of the next page; null on the last.")


class Sieve(Schema):
    after: Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")] = ""
    stage: Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00]*$")] = ""
    kind: Stage.Kind | None = None


def _out(deal: Deal) -> dict[str, Any]:
    return {
        "id": deal.pk,
        "reference": deal.reference,
        "title": deal.title,
        "pipeline": deal.stage.pipeline.name,
        "stage": deal.stage.name,
        "kind": deal.stage.kind,
        "customer": deal.customer.name if deal.customer else None,
        "owner": deal.seller.name if deal.seller else None,
        "value": None if deal.value is None else f"{deal.value:f}",
        "currency": deal.currency,
        "opened_on": deal.opened_on,
        "stage_since": deal.entered_on,
        "expected_on": deal.expected_on,
        "closed_on": deal.closed_on,
        "version": deal.version,
    }


def _rows() -> Any:
    return Deal.objects.select_related("stage__pipeline", "customer", "seller")


@router.get("", response=Listed, url_name="deals_api")
def all_deals(request: MemberRequest, sieve: Query[Sieve]) -> dict[str, Any]:
    """By reference, 200 at a time."""
    rows = _rows().filter(reference__gt=sieve.after).order_by("reference")
    if sieve.stage:
        rows = rows.filter(stage__name=sieve.stage)
    if sieve.kind is not None:
        rows = rows.filter(stage__kind=sieve.kind)
    found = list(rows[: PAGE + 1])
    return {
        "deals": [_out(deal) for deal in found[:PAGE]],
        "next": found[PAGE - 1].reference if len(found) > PAGE else None,
    }


@router.get("/{reference}", response=DealOut, url_name="deal_api")
def one_deal(request: MemberRequest, reference: str) -> dict[str, Any]:
    deal = _there(reference)
    if deal is None:
        raise Problem("not_found", "There is no such deal.")
    return _out(deal)


@router.put("/{reference}", response=DealOut)
def put_deal(request: MemberRequest, reference: str, body: DealIn) -> dict[str, Any]:
    """Makes the deal, or makes it what is sent. Each change is kept with who and when."""
    if not 0 < len(reference) <= 40 or not reference.isprintable() or reference != reference.strip():
        raise Problem("bad_frame", "A reference has 1 to 40 characters.")
    terms = Terms(body.title, body.customer, body.owner, body.value, body.opened_on, body.expected_on)
    stage, today = _stage(body), request.member.tenant.today()
    since = body.stage_since or today
    if since > today + SOON:
        raise Problem("bad_frame", "stage_since is in the future.")
    deal = _there(reference)
    try:
        if deal is None:
            changing.add_deal(request.member, terms, stage, since, reference)
        else:
            _change(request, deal, body, terms, stage, since)
    except Stale as stale:
        raise Problem("id_reused", f"The deal is at version {stale.row.version} by now: read it again.") from None
    except Refused as refused:
        raise Problem("bad_frame", str(refused)) from None
    return one_deal(request, reference)


def _change(request: MemberRequest, deal: Deal, body: DealIn, terms: Terms, stage: Stage, since: date) -> None:
    version = deal.version if body.version is None else body.version
    version = changing.change_deal(request.member, deal.pk, version, terms).version
    if stage.pk != deal.stage_id or (body.stage_since is not None and since != deal.entered_on):
        changing.move_deal(request.member, deal.pk, version, stage, since)


def _there(reference: str) -> Deal | None:
    found: Deal | None = _rows().filter(reference=reference).first() if "\0" not in reference else None
    return found


def _stage(body: DealIn) -> Stage:
    rows = Stage.objects.filter(name=body.stage)
    if body.pipeline:
        rows = rows.filter(pipeline__in=Pipeline.objects.filter(name=body.pipeline))
    found: list[Stage] = list(rows[:2])
    if not found:
        raise Problem("bad_frame", f"There is no stage {body.stage}.")
    if len(found) > 1:
        raise Problem("bad_frame", "Several pipelines have this stage: name the pipeline.")
    return found[0]
