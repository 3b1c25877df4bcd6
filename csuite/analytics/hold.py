"""The reservation of a turn: what it holds for each call, one ledger row for each attempt, the rest given back."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

import structlog

from csuite.analytics import metrics
from csuite.analytics.budgets import moving
from csuite.analytics.budgets.pricing import may_be_asked, unpriced
from csuite.analytics.budgets.reserving import Ask, Refused, Taken, reserve
from csuite.analytics.budgets.settling import USED_UP, Crossed, Settlement
from csuite.analytics.budgets.standing import ZERO, Standing, as_uuid
from csuite.analytics.events import tell
from csuite.analytics.ledger import write
from csuite.analytics.models import BudgetCounter, BudgetHold
from csuite.analytics.patience import going_on, within
from csuite.analytics.refusing import checked, refused_by
from csuite.analytics.rows import entry, new_id
from csuite.llm.attempt import to_the_end
from csuite.llm.call import Call
from csuite.llm.errors import BudgetExceeded
from csuite.llm.estimating import quote
from csuite.llm.hold import Attempt, Hold
from csuite.llm.registry import Route
from csuite.tenants.db import in_db

log = structlog.get_logger(__name__)

CLOSE_SECONDS = 5.0  # how long the end of a turn may wait for the database; later the hold expires by itself
Key = tuple[str, ...]


@dataclass(slots=True)
class Share:
    """What is left of the reservation for one call, and what its running attempts may cost at most."""

    left: Decimal = ZERO
    running: list[tuple[str, str, Decimal]] = field(default_factory=list)  # provider, model, the most

    @property
    def free(self) -> Decimal:
        return self.left - sum((amount for _, _, amount in self.running), ZERO)

    def ended(self, provider: str, model: str) -> Decimal:
        """The most that the attempt that ends now could cost; 0 if nobody said."""
        for place, (name, called, amount) in enumerate(self.running):
            if (name, called) == (provider, model):
                del self.running[place]
                return amount
        return ZERO


class LedgerHold(Hold):
    """Each attempt becomes one ledger row. Where no budget applies nothing is held, and closing costs nothing."""

    __slots__ = ("closed", "counters", "id", "is_open", "shares", "standings", "tenant", "turn")

    def __init__(self, tenant: UUID, route: str | None = None, standings: Sequence[Standing] = ()) -> None:
        super().__init__(route)
        self.tenant = tenant
        self.id = new_id()
        self.turn: UUID | None = None
        self.standings = standings
        self.counters: dict[UUID, UUID] = {}
        self.shares: dict[Key, Share] = {}
        self.is_open = False  # there is a row to close
        self.closed = False
        metrics.holds.inc()

    async def take(self, calls: Sequence[Call], asks: Sequence[Ask]) -> None:
        """Reserves all of `asks` or nothing. Raises BudgetExceeded."""
        if self.turn is None and calls:
            self.turn = as_uuid(calls[0].labels.get("turn", ""))
        begun = self.is_open
        work: asyncio.Task[Taken | Refused] = going_on(
            in_db(reserve, self.tenant, self.id, self.turn, asks, self.route, begun=begun, tenant=self.tenant)
        )
        try:
            taken = await checked(work)
        except BudgetExceeded:
            if not begun:  # it may be taken yet, for nobody
                going_on(self._close_after(work))
            raise
        if isinstance(taken, Refused):
            await tell("budget_refused", tenant=str(self.tenant), budget=str(taken.standing.budget))
            raise refused_by(taken)
        self.counters |= taken.counters
        self.is_open = self.is_open or any(ask.amount for ask in asks)
        for call, ask in zip(calls, asks, strict=True):
            self.shares.setdefault(key_of(call.labels, call.task), Share()).left += ask.amount

    async def cover(self, call: Call, route: Route) -> None:
        """Where failed attempts have used up what was reserved, the difference is reserved, or refused."""
        if self.standings:
            await to_the_end(self._cover(call, route))

    async def _cover(self, call: Call, route: Route) -> None:
        cost = (await quote(call, route)).most
        if not may_be_asked(cost, call, self.standings):
            raise unpriced(route)
        need = cost.amount or ZERO
        share = self.shares.setdefault(key_of(call.labels, call.task), Share())
        short = need - share.free
        # Noted before anything is waited for: two attempts of one call must not count on the same money.
        noted = (route.provider.name, route.model, need)
        share.running.append(noted)
        if short > 0 and need:
            try:
                await self.take([call], [Ask(call.labels, short, cost.currency)])
            except BaseException:
                share.running.remove(noted)
                raise

    async def attempt(self, outcome: Attempt) -> None:
        self.attempts.append(outcome)
        metrics.count(outcome)
        crossed = await write(entry(outcome, self.tenant), self._settlement(outcome))
        for budget in crossed:
            await tell(*_news(self.tenant, budget))

    def _settlement(self, outcome: Attempt) -> Settlement:
        share = self.shares.get(key_of(outcome.labels, outcome.task))
        if share is None:
            return Settlement(None, self.counters)
        ended = share.ended(outcome.provider, outcome.model) or share.left
        cost = ended if outcome.cost is None else outcome.cost
        given = min(share.left, cost)
        share.left -= given
        return Settlement(self.id, self.counters, ended, given)

    async def close(self) -> None:
        """Gives back what is left. A cancelled caller waits for it; without a database it expires by itself."""
        if self.closed:
            return
        self.closed = True
        metrics.holds.dec()
        if self.is_open:
            await to_the_end(self._close())

    async def _close_after(self, work: "asyncio.Task[Taken | Refused]") -> None:
        await asyncio.wait([work])
        await self._close()

    async def _close(self) -> None:
        try:
            closing = going_on(in_db(moving.close_hold, self.tenant, self.id, tenant=self.tenant))
            await within(CLOSE_SECONDS, closing)
        except Exception as error:
            log.error("a reservation could not be given back; it expires by itself", error=str(error)[:300])


def key_of(labels: Mapping[str, str], task: str) -> Key:
    """Which calls of a hold share what was reserved: those with the same words in the ledger."""
    return (task, *(labels.get(name, "") for name in ("persona", "user", "message", "kind")))


def _news(tenant: UUID, crossed: Crossed) -> tuple[str, dict[str, object]]:
    standing = crossed.standing
    facts: dict[str, object] = {
        "tenant": str(tenant),
        "budget": str(standing.budget),
        "spent": str(crossed.spent),
        "amount": str(standing.amount),
        "currency": standing.currency,
        "hard": standing.hard,
    }
    return ("budget_used_up" if crossed.level == USED_UP else "budget_warning"), facts


class Remainder(LedgerHold):
    """What is left of a dead process's reservation: its attempts use it up, and then it is closed."""

    def _settlement(self, outcome: Attempt) -> Settlement:
        return Settlement(self.id if self.is_open else None, self.counters)


async def hold_of_turn(tenant: UUID, turn: UUID) -> LedgerHold:
    """For booking what a dead process used: nothing is refused any more."""
    hold = Remainder(tenant)
    found = await in_db(_open_hold, turn, tenant=tenant)
    if found is not None:
        hold.id, hold.counters = found
        hold.is_open = True
    return hold


def _open_hold(turn: UUID) -> tuple[UUID, dict[UUID, UUID]] | None:
    hold = BudgetHold.objects.filter(turn=turn).order_by("created_at").first()
    if hold is None:
        return None
    counters = BudgetCounter.objects.filter(id__in=list(hold.parts)).values_list("budget_id", "id")
    return hold.id, dict(counters)
