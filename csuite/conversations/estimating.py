"""What a question would cost, shown before it is sent."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from csuite import llm
from csuite.conversations.access import conversation_for
from csuite.conversations.frames_in import EstimateFrame
from csuite.conversations.models import Message
from csuite.conversations.opening import check_personas
from csuite.conversations.preparing import history_before
from csuite.llm.estimating import Estimate, estimate
from csuite.personas.asking import prepare
from csuite.tenants.db import in_db
from csuite.tenants.models import Membership


def _calls(member: Membership, conversation_id: UUID, frame: EstimateFrame) -> list[llm.Call]:
    conversation = conversation_for(member, conversation_id)
    draft = Message(conversation=conversation, parent_id=frame.parent, kind=Message.Kind.QUESTION, text=frame.text)
    history = history_before(draft)
    asked = [prepare(key, frame.text, history, timezone.localdate()) for key in check_personas(frame.personas)]
    labels = {"tenant": str(member.tenant_id)}
    return [
        llm.Call(messages=one.messages, labels=labels, max_tokens=one.max_tokens, temperature=one.temperature)
        for one in asked
    ]


async def estimate_frame(member: Membership, conversation: UUID, frame: EstimateFrame) -> dict[str, Any]:
    """The answer to an estimate frame; the amounts are null where a price is unknown."""
    calls = await in_db(_calls, member, conversation, frame, tenant=member.tenant_id)
    try:
        found = await estimate(calls)
    except llm.errors.LLMError:  # nobody can answer now, so nobody can be priced
        found = Estimate(None, None)
    return {
        "type": "estimate",
        "id": frame.id,
        "low": None if found.low is None else f"{found.low:.4f}",
        "high": None if found.high is None else f"{found.high:.4f}",
        "currency": found.currency,
        "budget_left": None,
    }
