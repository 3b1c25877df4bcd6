"""Refusals of money: what is raised when a budget does not pay, or cannot be asked."""

import asyncio
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from csuite.analytics import metrics
from csuite.analytics.budgets.reserving import Refused
from csuite.analytics.budgets.sentences import UNCHECKED, refusal, whose
from csuite.analytics.patience import within
from csuite.llm.errors import BudgetExceeded

log = structlog.get_logger(__name__)
R = TypeVar("R")

CHECK_SECONDS = 10.0


async def checked(work: "asyncio.Task[R]") -> R:
    """What the database says. Raises BudgetExceeded if it says nothing in time: for money, silence is a no."""
    try:
        return await within(CHECK_SECONDS, work)
    except Exception as error:
        metrics.refused.labels("unchecked").inc()
        log.error("budgets could not be read; the call is refused", error=f"{type(error).__name__}: {error}"[:300])
        raise BudgetExceeded(
            "the budgets could not be read", sentence=UNCHECKED, code="provider_unavailable", retryable=True
        ) from error


def refused_by(taken: Refused) -> BudgetExceeded:
    """`retry_after`: seconds to the next period of the budget that refused."""
    metrics.refused.labels("budget").inc()
    standing = taken.standing
    seconds = max(1.0, (standing.resets_at - datetime.now(UTC)).total_seconds())
    return BudgetExceeded(
        f"{whose(standing)} ({standing.budget}): {standing.spent} spent, {standing.held} held, {taken.need} wanted"
        f" of {standing.amount} {standing.currency}",
        sentence=refusal(taken),
        retry_after=seconds,
    )
