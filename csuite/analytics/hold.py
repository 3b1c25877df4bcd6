"""The reservation of a turn: what it holds for each call, one ledger row for each attempt, the rest given back."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog

from csuite.analytics import begun, metrics
from csuite.analytics.budgets import moving
from csuite.analytics.budgets.pricing import may_be_asked, unpriced
from csuite.analytics.budgets.reserving import Ask, Refused, Taken, reserve
from csuite.analytics.budgets.settling import USED_UP, Crossed, Settlement
from csuite.analytics.budgets.standing import ZERO, Standing, as_uuid
from csuite.analytics.events import tell, tell_of_price
from csuite.analytics.ledger import write
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
NOTE_SECONDS = 2.0  # how long a call may wait until it is noted that it was begun
Key = tuple[str, ...]


@dataclass(slots=True)
class Running:
    """An attempt that has been begun. most: what it may cost. key: of its ledger row to be, None if none was noted."""

    provider: str
    model: str
    most: Decimal = ZERO
    key: UUID | None = None


@dataclass(slots=True)
class Share:
    """What is left of the reservation for one call, and its running attempts."""

    left: Decimal = ZERO
    running: list[Running] = field(default_factory=list)

    @property
    def free(self) -> Decimal:
        return self.left - sum((one.most for one in self.running), ZERO)

    def ended(self, provider: str, model: str) -> Running:
        """The attempt that ends now."""
        found = next((one for one in self.running if (one.provider, one.model) == (provider, model)), None)
        if found is None:
            return Running(provider, model)
        self.running.remove(found)
        return found


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

    async def cover(self, call: Call, route: Route, *, number: int = 1, fallback: bool = False) -> None:
        """Where failed attempts have used up what was reserved, the difference is reserved, or refused.

        Then it is noted that the attempt begins: it would be paid even if this process were killed.
        """
        await to_the_end(self._cover(call, route, number, fallback=fallback))

    async def _cover(self, call: Call, route: Route, number: int, *, fallback: bool) -> None:
        share = self.shares.setdefault(key_of(call.labels, call.task), Share())
        running = Running(route.provider.name, route.model)
        if self.standings:
            await self._pay(call, route, share, running)
        else:
            share.running.append(running)
        await self._note(running, begun.facts_of(call, route, number, fallback=fallback))

    async def _pay(self, call: Call, route: Route, share: Share, running: Running) -> None:
        cost = (await quote(call, route)).most
        if not may_be_asked(cost, call, self.standings):
            raise unpriced(route)
        need = cost.amount or ZERO
        short = need - share.free
        # Noted before anything is waited for: two attempts of one call must not count on the same money.
        running.most = need
        share.running.append(running)
        if short > 0 and need:
            try:
                await self.take([call], [Ask(call.labels, short, cost.currency)])
            except BaseException:
                share.running.remove(running)
                raise

    async def _note(self, running: Running, facts: Mapping[str, Any]) -> None:
        key = new_id()
        noting = going_on(in_db(begun.note, key, self.tenant, self.id, datetime.now(UTC), facts, tenant=self.tenant))
        running.key = key
        try:
            await within(NOTE_SECONDS, noting)
        except Exception as error:
            log.error("an attempt is made without a note of it", error=f"{type(error).__name__}: {error}"[:300])

    async def attempt(self, outcome: Attempt) -> None:
        self.attempts.append(outcome)
        metrics.count(outcome)
        share = self.shares.get(key_of(outcome.labels, outcome.task), Share())
        ended = share.ended(outcome.provider, outcome.model)
        row = entry(outcome, self.tenant, ended.key)
        crossed = await write(row, self._settlement(outcome, share, ended.most))
        for budget in crossed:
            await tell(*_news(self.tenant, budget))
        await tell_of_price(outcome, self.tenant)

    def _settlement(self, outcome: Attempt, share: Share, most: Decimal) -> Settlement:
        most = most or share.left
        cost = most if outcome.cost is None else outcome.cost
        given = min(share.left, cost)
        share.left -= given
        return Settlement(self.id if self.is_open else None, self.counters, most, given)

    async def close(self) -> None:
        """Gives back what is left. A cancelled caller waits for it; without a database it expires by itself."""
        if self.closed:
            return
        self.closed = True
        metrics.holds.dec()
        if self.is_open or self._unmade():
            await to_the_end(self._close())

    async def _close_after(self, work: "asyncio.Task[Taken | Refused]") -> None:
        await asyncio.wait([work])
        await self._close()

    async def _close(self) -> None:
        try:
            closing = going_on(in_db(_close, self.tenant, self.id, self._unmade(), tenant=self.tenant))
            await within(CLOSE_SECONDS, closing)
        except Exception as error:
            log.error("a reservation could not be given back; it expires by itself", error=str(error)[:300])

    def _unmade(self) -> list[UUID]:
        """Attempts that were noted and then not made: whoever asked had gone."""
        return [one.key for share in self.shares.values() for one in share.running if one.key]


def _close(tenant: UUID, hold: UUID, unmade: Sequence[UUID]) -> None:
    moving.close_hold(tenant, hold)
    if unmade:
        begun.forget(unmade)


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
