"""The meter of the product: every model call is reserved before and booked after, in its tenant's ledger."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from csuite.analytics import metrics
from csuite.analytics.ledger import write
from csuite.analytics.rows import entry
from csuite.llm import conf
from csuite.llm.call import Call
from csuite.llm.errors import InvalidRequest
from csuite.llm.hold import Attempt, Hold

log = structlog.get_logger(__name__)


class LedgerHold(Hold):
    """The reservation of one turn. Each attempt becomes one ledger row."""

    __slots__ = ("closed", "tenant")

    def __init__(self, tenant: UUID, route: str | None = None) -> None:
        super().__init__(route)
        self.tenant = tenant
        self.closed = False
        metrics.holds.inc()

    async def attempt(self, outcome: Attempt) -> None:
        self.attempts.append(outcome)
        metrics.count(outcome)
        await write(entry(outcome, self.tenant))

    async def close(self) -> None:
        if not self.closed:
            self.closed = True
            metrics.holds.dec()


class LedgerMeter:
    """settings.LLM["METER"]. With LLM["ENABLED"] off (the kill switch) every call goes to the analyst."""

    async def reserve(self, calls: Sequence[Call]) -> LedgerHold:
        """A hold for the calls of one tenant. Raises InvalidRequest for a call that names none or another."""
        return LedgerHold(_tenant(calls), None if conf.value("ENABLED") else "analyst")

    async def event(self, name: str, **facts: object) -> None:
        metrics.events.labels(name).inc()
        log.info("llm_event", name=name, **facts)


def _tenant(calls: Sequence[Call]) -> UUID:
    named = {call.labels.get("tenant", "") for call in calls}
    try:
        (tenant,) = named
        return UUID(tenant)
    except ValueError:
        metrics.refused.labels("tenant").inc()
        raise InvalidRequest("a metered call names its tenant, and a hold has one") from None
