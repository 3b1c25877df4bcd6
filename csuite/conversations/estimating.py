"""What a question would cost, shown before it is sent: every officer and the synthesis."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone

from csuite import llm
from csuite.analytics.meter import foresee
from csuite.conversations.access import conversation_for
from csuite.conversations.boardroom import BOARD, convening, prompting
from csuite.conversations.decisions.recalling import approved_lines
from csuite.conversations.events import estimate_body
from csuite.conversations.frames_in import EstimateFrame
from csuite.conversations.models import Message
from csuite.conversations.opening import check_personas
from csuite.conversations.preparing import Said, history_before
from csuite.llm.estimating import Estimate
from csuite.personas.asking import Asked, prepare
from csuite.tenants.db import in_db
from csuite.tenants.models import Membership


def _of_frame(member: Membership, conversation_id: UUID, frame: EstimateFrame) -> list[llm.Call]:
    conversation = conversation_for(member, conversation_id)
    draft = Message(conversation=conversation, parent_id=frame.parent, kind=Message.Kind.QUESTION, text=frame.text)
    return calls(member, frame.text, frame.personas, history_before(draft))


def calls(member: Membership, text: str, personas: Sequence[str], history: Sequence[Said] = ()) -> list[llm.Call]:
    """All calls of a turn, the synthesis last. Raises Problem("bad_frame"). Inside the tenant's scope."""
    today = timezone.localdate()
    decisions = approved_lines()
    keys = check_personas(personas)
    found = [_call(member, key, prepare(key, text, history, today, decisions)) for key in keys]
    if len(keys) > 1:
        brief = convening.brief_of(text, keys, decisions, today)
        found.append(prompting.as_call(_call(member, BOARD, convening.asked(brief)), brief))
    return found


def _call(member: Membership, key: str, one: Asked) -> llm.Call:
    labels = {"tenant": str(member.tenant_id), "user": str(member.user_id), "persona": key}
    return llm.Call(messages=one.messages, labels=labels, max_tokens=one.max_tokens, temperature=one.temperature)


async def estimate_frame(member: Membership, conversation: UUID, frame: EstimateFrame) -> dict[str, Any]:
    """The answer to an estimate frame; the amounts are null where a price is unknown."""
    wanted = await in_db(_of_frame, member, conversation, frame, tenant=member.tenant_id)
    return {"type": "estimate", "id": frame.id, **estimate_body(await priced(member.tenant_id, wanted))}


async def priced(tenant: UUID, wanted: Sequence[llm.Call]) -> Estimate:
    """Of these calls together; what nobody can be asked for costs nothing."""
    asked = [call for call in wanted if call.schema is None or await prompting.has_a_model(call)]
    try:
        return await foresee(tenant, asked)
    except llm.errors.LLMError:  # nobody can answer now, so nobody can be priced
        return Estimate(None, None)
