"""When the same route may be opened again, and after how long. Pure.

A retry may open a stream, never resume it: nobody asks here once a word was shown.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from csuite.llm.errors import LLMError

Patience = Literal["interactive", "batch", "none"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """How often a route is opened again, and within how many seconds from the beginning of the call."""

    times: int
    seconds: float


ALLOWANCES: dict[Patience, Allowance] = {
    "interactive": Allowance(3, 3.0),
    "batch": Allowance(3, 30.0),
    "none": Allowance(0, 0.0),
}
FIRST_WAIT = 0.2  # seconds; doubled each time
JITTER = 0.5  # of the wait, so that callers who failed together do not come back together


def backoff(times: int, chance: Callable[[], float] = random.random) -> float:
    """Seconds before the retry that follows so many failures."""
    return float(FIRST_WAIT * 2 ** (times - 1) * (1 + JITTER * chance()))


def wait_before_again(
    error: LLMError, patience: Patience, *, failed: int, since: float, fallback_at_hand: bool
) -> float | None:
    """Seconds until the route that failed may be opened again; None if it may not.

    failed: how often this route has failed in this call, this time included. since: seconds since the call began.
    As often as the kind says (a refused connection: once) it is opened again at once, also with a fallback at hand.
    Without one the provider's Retry-After is obeyed, and a wait that the allowance does not hold is not begun.
    """
    record, allowance = error.record, ALLOWANCES[patience]
    if record.retry == "never" or not error.retryable or not allowance.times:
        return None
    if failed <= record.retries_beside:
        return 0.0
    if fallback_at_hand or failed > allowance.times:
        return None
    wait = max(backoff(failed), error.retry_after or 0.0)
    return wait if since + wait <= allowance.seconds else None
