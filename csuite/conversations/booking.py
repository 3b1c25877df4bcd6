"""Books what a dead process used and could not book itself: from what was shown, estimated and marked so."""

from uuid import UUID

from csuite import llm
from csuite.analytics import begun, orphans
from csuite.analytics.budgets import moving
from csuite.analytics.models import BudgetHold
from csuite.conversations.closing import Remains
from csuite.conversations.jobs import AnswerJob, SynthesisJob, TurnJob, call_of
from csuite.conversations.models import Turn
from csuite.conversations.preparing import job_of
from csuite.tenants.db import in_db


async def book_orphan(tenant: UUID, turn: UUID, left: list[Remains]) -> None:
    """One ledger row for each attempt that ran when its process died, seen or not; the reservation ends."""
    await orphans.book(tenant, await in_db(_orphans, turn, left, tenant=tenant))
    await in_db(_release, tenant, turn, tenant=tenant)


def _orphans(turn_id: UUID, left: list[Remains]) -> list[orphans.Orphan]:
    attempts = begun.of_turn(turn_id)
    if not attempts:
        return []
    job = job_of(Turn.objects.select_related("question").get(id=turn_id))
    answers = {answer.message: answer for answer in job.written}
    seen = {found.message: found for found in left}
    return [
        orphans.Orphan(one, _call(job, answers[one.message]), _shown(one, answers[one.message], seen[one.message]))
        for one in attempts
        if one.message in answers
    ]


def _call(job: TurnJob, answer: AnswerJob) -> llm.Call | None:
    """None for a synthesis: what it was asked was made of answers, and was counted when it was asked."""
    return None if isinstance(answer, SynthesisJob) else call_of(job, answer)


def _shown(attempt: begun.BegunAttempt, answer: AnswerJob, found: Remains) -> str:
    """What this attempt has written: nothing where another one had the word; what it continues was there before."""
    started = found.started or {}
    if (started.get("provider"), started.get("model")) != (attempt.facts["provider"], attempt.facts["model"]):
        return ""
    return found.text.removeprefix(answer.kept)


def _release(tenant: UUID, turn: UUID) -> None:
    """Also where nothing was asked yet."""
    for hold in BudgetHold.objects.filter(turn=turn).values_list("id", flat=True):
        moving.close_hold(tenant, hold)
