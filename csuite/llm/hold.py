"""The reservation a call runs under, and the record of each attempt: what a meter gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from csuite.llm.usage import UNSAID, Usage

if TYPE_CHECKING:
    from csuite.llm.call import Call
    from csuite.llm.estimating import Estimate
    from csuite.llm.registry import Route


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at one provider, whole or not. Exactly one is handed to `Hold.attempt` for each, cancelled too.

    error_kind: "" for a whole answer, a kind of errors.KINDS, or "cancelled". Times in milliseconds.
    """

    labels: Mapping[str, str]
    task: str
    provider: str
    model: str
    number: int = 1
    fallback: bool = False
    usage: Usage = UNSAID
    cost: Decimal | None = None
    currency: str = "USD"
    price_version: str = ""
    billed_cost: Decimal | None = None
    ttft_ms: int | None = None
    total_ms: int | None = None
    finish_reason: str = ""
    error_kind: str = ""
    request_id: str = ""
    cache: str = "off"
    json_valid: bool | None = None
    started_at: datetime | None = None
    tier: str = ""
    kind: str = ""
    compression_saved: int | None = None


@dataclass(slots=True, weakref_slot=True, eq=False)
class Hold:
    """Opened by a meter for every call of a turn, closed by whoever opened it.

    route: None, "analyst" (kill switch), or a tier to step down to. estimate: what the calls cost, where the meter
    had to find out. A meter subclasses it: `attempt` writes the
    ledger row and settles, `close` gives back what is left and may be called twice.
    """

    route: str | None = None
    attempts: list[Attempt] = field(default_factory=list)
    estimate: "Estimate | None" = None

    async def cover(self, call: "Call", route: "Route", *, number: int = 1, fallback: bool = False) -> None:
        """Before each attempt: makes sure that what is left of the reservation pays for it, or reserves more.

        number: which attempt of its call it is; fallback: it stands in for a better route.
        Raises errors.BudgetExceeded; the attempt is then not made.
        """

    async def attempt(self, outcome: Attempt) -> None:
        """Book one attempt. Not cancelled halfway: the caller shields it."""
        self.attempts.append(outcome)

    async def close(self) -> None:
        """Release what was reserved and not used."""
