"""`/api/v1/deals/<id>/analysis`: POST makes one, GET gives the newest. While its flag is off, neither is there."""

from datetime import datetime
from uuid import UUID

from asgiref.sync import sync_to_async
from ninja import Router

from csuite.personas.analysis.dossier import Dossier
from csuite.personas.analysis.reading import deal_of, read_dossier
from csuite.personas.analysis.results import Analysis
from csuite.personas.analysis.running import analyze, keep
from csuite.personas.models import DealAnalysis
from csuite.personas.writer.drafting import Author
from csuite.tenants.db import in_db
from csuite.tenants.flags import is_active_for
from csuite.tenants.limits import take_chat
from csuite.tenants.middleware import MemberRequest, give_back_connections
from csuite.tenants.models import Membership
from csuite.tenants.problems import Problem
from csuite.tenants.scope import tenant_scope

router = Router(tags=["deals"])
OFF = "Deal analysis is not switched on here."


class AnalysisOut(Analysis):
    """With which analysis of the deal it is."""

    number: int
    made_at: datetime


@router.post("/{uuid:deal}/analysis", response=AnalysisOut, url_name="deal_analysis")
async def make(request: MemberRequest, deal: UUID) -> AnalysisOut:
    """Reads the notes, holds what they say against the records, and tells how the deal stands. Takes no body."""
    author, dossier = await in_db(_let_in, request.member, deal, dict(request.headers))
    await sync_to_async(give_back_connections)()
    made = await analyze(author, dossier)
    row = await in_db(keep, made, UUID(author.user), tenant=author.tenant)
    return shown(row)


def _let_in(member: Membership, deal: UUID, headers: dict[str, str]) -> tuple[Author, Dossier]:
    """Takes one of `chat`, as a question does. Raises Problem."""
    _must_be_on(member, headers)
    with tenant_scope(member.tenant_id):
        dossier = read_dossier(deal_of(deal), member.tenant.today())
    take_chat(member)
    return Author.of(member), dossier


@router.get("/{uuid:deal}/analysis", response=AnalysisOut, url_name="deal_analysis_newest")
def newest(request: MemberRequest, deal: UUID) -> AnalysisOut:
    """The newest one that was made."""
    _must_be_on(request.member, dict(request.headers))
    with tenant_scope(request.member.tenant_id):
        row = DealAnalysis.objects.filter(deal=deal_of(deal)).first()
    if row is None:
        raise Problem("not_found", "This deal has not been analyzed yet.")
    return shown(row)


def shown(row: DealAnalysis) -> AnalysisOut:
    return AnalysisOut(**row.result, number=row.number, made_at=row.made_at)


def _must_be_on(member: Membership, headers: dict[str, str]) -> None:
    if not is_active_for("deal-analysis", member.tenant, member.user, headers):
        raise Problem("not_found", OFF)
