"""The looks of the insight detectors, and the sweeper for those whose worker died or whose task was lost; reading the
notes of deals."""

import asyncio
from uuid import UUID

from celery import shared_task
from django.core.cache import cache

from csuite.personas import notereading
from csuite.personas.findings import looking
from csuite.personas.writer.drafting import Author
from csuite.tenants.access import living_membership
from csuite.tenants.audit import record
from csuite.tenants.scope import tenant_scope


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def find_insights(tenant_id: str) -> None:
    """One look at one tenant. Delivered twice, or after a crash, it is done once (findings/looking.py)."""
    looking.look(UUID(tenant_id))


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def sweep_insights() -> None:
    for tenant in looking.left_behind():
        find_insights.delay(str(tenant))


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def want_insights() -> None:
    """Each half hour: the companies whose day has begun get their look; the sweeper starts it."""
    looking.want_nightly()


@shared_task(ignore_result=True)  # type: ignore[untyped-decorator]
def read_deal_notes(tenant_id: str, user_id: str) -> None:
    """The notes that were not read as they stand. Lost or delivered twice it does no harm: what was read stays read."""
    member = living_membership(user_id, UUID(tenant_id))
    if member is None:
        return
    with tenant_scope(UUID(tenant_id)):
        author, deals = Author.of(member), notereading.unread(member.tenant)
    done, why = asyncio.run(notereading.read_notes(author, deals))
    with tenant_scope(UUID(tenant_id)):
        record("notes.read", user=member.user, name=f"{done} of {len(deals)}", why=why)
    cache.set(notereading.OUTCOME.format(tenant=tenant_id), why, notereading.TOLD_FOR)
