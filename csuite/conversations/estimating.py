"""What a question would cost, shown before it is sent."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from csuite import llm
from csuite.analytics.meter import foresee
from csuite.conversations.access import conversation_for
from csuite.conversations.events import estimate_body
from csuite.conversations.frames_in import EstimateFrame
from csuite.conversations.models import Message
from csuite.conversations.opening import check_personas
from csuite.conversations.preparing import history_before
from csuite.llm.estimating import Estimate
from csuite.personas.asking import prepare
from csuite.tenants.db import in_db
from csuite.tenants.models import Membership


def _calls(member: Membership, conversation_id: UUID, frame: EstimateFrame) -> list[llm.Call]:
    conversation = conversation_for(member, conversation_id)
    draft = Message(conversation=conversation, parent_id=frame.parent, kind=Message.Kind.QUESTION, text=frame.text)
    history = history_before(draft)
    whose = {"tenant": str(member.tenant_id), "user": str(member.user_id)}
    calls = []
    for key in check_personas(frame.personas):
        one = prepare(key, frame.text, history, timezone.localdate())
        labels = {**whose, "persona": key}
        calls.append(
            llm.Call(messages=one.messages, labels=labels, max_tokens=one.max_tokens, temperature=one.temperature)
        )
    return calls


async def estimate_frame(member: Membership, conversation: UUID, frame: EstimateFrame) -> dict[str, Any]:
    """The answer to an estimate frame; the amounts are null where a price is unknown."""
    calls = await in_db(_calls, member, conversation, frame, tenant=member.tenant_id)
    try:
        found = await foresee(member.tenant_id, calls)
    except llm.errors.LLMError:  # nobody can answer now, so nobody can be priced
        found = Estimate(None, None)
    return {"type": "estimate", "id": frame.id, **estimate_body(found)}
