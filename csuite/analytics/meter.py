"""The meter of the product: every model call is reserved before and booked after, in its tenant's ledger."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from csuite.analytics import metrics
from csuite.analytics.budgets.moving import release_expired
from csuite.analytics.budgets.pricing import dearest
from csuite.analytics.budgets.standing import ANALYST, Standing, least_left, read, step_down
from csuite.analytics.events import tell
from csuite.analytics.hold import LedgerHold
from csuite.analytics.patience import going_on
from csuite.analytics.refusing import checked
from csuite.llm import conf
from csuite.llm.attempt import to_the_end
from csuite.llm.call import Call
from csuite.llm.errors import InvalidRequest, LLMError
from csuite.llm.estimating import Estimate, estimate, quotes, summed
from csuite.tenants.db import in_db


class LedgerMeter:
    """settings.LLM["METER"]. With LLM["ENABLED"] off (the kill switch) every call goes to the analyst."""

    async def reserve(self, calls: Sequence[Call]) -> LedgerHold:
        """A hold over the most that these calls of one tenant can cost, in every budget that applies.

        Raises InvalidRequest for a call that names no tenant or another one, and BudgetExceeded.
        """
        tenant = _tenant(calls)
        if not conf.value("ENABLED"):
            return LedgerHold(tenant, ANALYST)
        work = asyncio.ensure_future(_reserve(tenant, calls))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await to_the_end(_undo(work))
            raise

    async def event(self, name: str, **facts: object) -> None:
        await tell(name, facts)


async def _reserve(tenant: UUID, calls: Sequence[Call]) -> LedgerHold:
    standings = await checked(going_on(in_db(_standings, tenant, calls, tenant=tenant)))
    hold = LedgerHold(tenant, step_down(standings), standings)
    if not standings:
        return hold
    try:
        quoted = [await quotes(call, hold.route) for call in calls]
        asks = [dearest(call, quotes_, standings) for call, quotes_ in zip(calls, quoted, strict=True)]
        await hold.take(calls, asks)
    except BaseException:
        await hold.close()
        raise
    found = summed(quoted)
    hold.estimate = replace(found, left=least_left(standings, found.currency))
    if hold.route:
        await tell("step_down", tenant=str(tenant), tier=hold.route, reason="budget")
    return hold


async def foresee(tenant: UUID, calls: Sequence[Call]) -> Estimate:
    """What these calls would cost now, and what the budgets leave. Reserves nothing. Raises LLMError."""
    standings = await checked(going_on(in_db(_standings, tenant, calls, tenant=tenant)))
    found = await estimate(calls, step_down(standings) if conf.value("ENABLED") else ANALYST)
    return replace(found, left=least_left(standings, found.currency))


def _standings(tenant: UUID, calls: Sequence[Call]) -> list[Standing]:
    found = read(tenant, [call.labels for call in calls])
    if any(standing.has_expired_holds for standing in found) and release_expired(tenant):
        found = read(tenant, [call.labels for call in calls])
    return found


async def _undo(work: "asyncio.Task[LedgerHold]") -> None:
    """Whoever asked has gone: what was reserved for them is given back."""
    try:
        hold = await work
    except LLMError:
        return
    await hold.close()


def _tenant(calls: Sequence[Call]) -> UUID:
    named = {call.labels.get("tenant", "") for call in calls}
    try:
        (tenant,) = named
        return UUID(tenant)
    except ValueError:
        metrics.refused.labels("tenant").inc()
        raise InvalidRequest("a metered call names its tenant, and a hold has one") from None
