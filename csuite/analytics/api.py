"""`GET /api/v1/analytics/llm/<name>`: the ten reports, for finance and admins of a company and for platform staff."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, Query, Router, Schema

from csuite.analytics.queries import QUERIES
from csuite.analytics.queries import report as reports
from csuite.analytics.queries.asking import PAGE, Ask, bad, keys_of, period
from csuite.analytics.queries.report import answer
from csuite.analytics.queries.said import as_csv, as_json
from csuite.analytics.queries.schemas import report_of
from csuite.analytics.rollups.filling import fill_due, freshen
from csuite.tenants.admin_site import needs_second_factor
from csuite.tenants.api import Bearer, Session
from csuite.tenants.limits import take_expensive
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Membership, Role, Tenant, User
from csuite.tenants.problems import Problem
from csuite.tenants.scope import platform_scope

READERS = (Role.FINANCE, Role.ADMIN)


class Staff(Session):
    """A member in a reader's role, or platform staff, who belong to no company."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Membership | User:  # type: ignore[override]
        user = request.user
        if isinstance(user, User) and user.is_staff and not getattr(request, "member", None):
            if needs_second_factor(user):
                raise Problem("forbidden", "Platform staff need two-step sign-in here.")
            return user
        return super().authenticate(request, key)


router = Router(tags=["analytics"], auth=[Bearer(*READERS), Staff(*READERS)])


class Asked(Schema):
    """How every report is asked."""

    since: str = Field("", alias="from", description="A date or a time, UTC if it does not say. This month's first.")
    until: str = Field("", alias="to", description="Not included. The end of today.")
    granularity: Literal["", "hour", "day", "month"] = Field("", description="Empty: one row for the whole time.")
    group: str = Field("", max_length=40, description="What a row stands for.")
    cursor: str = Field("", max_length=2000, description="`next` of the page before.")
    tenant: UUID | None = Field(None, description="For platform staff: this company only.")
    format: Literal["json", "csv"] = "json"


def _tenants(request: MemberRequest, asked: Asked) -> tuple[UUID, ...]:
    if request.member:
        if asked.tenant not in (None, request.member.tenant_id):
            raise Problem("not_found", "There is no such company.")
        return (request.member.tenant_id,)
    tenants = Tenant.objects.order_by()
    if asked.tenant:
        tenants = tenants.filter(id=asked.tenant)
    return tuple(tenants.values_list("id", flat=True))


def _ask(request: MemberRequest, query: reports.Query, asked: Asked) -> Ask:
    group = query.group(asked.group)
    granularity = asked.granularity or query.granularity
    since, until = period(asked.since, asked.until, granularity)
    tenants = _tenants(request, asked)
    if "tenant" in group.keys and request.member:
        raise bad("only the platform sees more than one company")
    return Ask(
        tenants=tenants,
        since=since,
        until=until,
        granularity=granularity,
        group=asked.group,
        after=keys_of(asked.cursor, len(group.keys) + 1 + bool(granularity)) if asked.cursor else (),
        limit=PAGE,
        display=request.member.tenant.currency if request.member else "",
    )


def _endpoint(query: reports.Query) -> Callable[..., Any]:
    def report(request: MemberRequest, asked: Query[Asked]) -> HttpResponse | dict[str, Any]:
        ask = _ask(request, query, asked)
        reason = f"report {query.name}"
        scope: AbstractContextManager[None] = (
            nullcontext() if request.member else platform_scope(reason, user=request.user)
        )
        with scope:
            (freshen if request.member else fill_due)()
            if asked.format == "csv":
                return _csv(request, query, ask, reason)
            return as_json(query, ask, answer(query, ask))

    report.__name__ = query.name.replace("-", "_")
    return report


def _csv(request: MemberRequest, query: reports.Query, ask: Ask, reason: str) -> HttpResponse:
    if request.member:
        take_expensive(request.member)
    where = {"tenant": request.member.tenant_id} if request.member else {"platform": reason}
    response = StreamingHttpResponse(as_csv(query, ask, **where), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{query.name}-{ask.since:%Y-%m-%d}.csv"'
    return response  # type: ignore[return-value]  # Django's streaming response is a cousin of HttpResponse


for _query in QUERIES:
    router.get(
        f"/{_query.name}",
        response=report_of(_query),
        summary=_query.name.replace("-", " ").capitalize(),
        description=f"{_query.about}\n\n`group`: {', '.join(_query.groups)}.",
        url_name=f"analytics_{_query.name.replace('-', '_')}",
        by_alias=True,
    )(_endpoint(_query))
