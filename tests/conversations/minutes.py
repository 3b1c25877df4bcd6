"""What a model fills in for a synthesis, and a meeting that is over, for the tests."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from csuite import llm
from csuite.conversations.boardroom.minutes import Form, markdown
from csuite.conversations.boardroom.tracing import traced
from csuite.conversations.markdown import render
from csuite.conversations.models import Conversation, Message, Turn
from csuite.llm.scripted import Answer
from csuite.tenants.models import Membership

SAID = {
    "ceo": "Pass it on, in two steps. A single letter invites twelve negotiations at once.",
    "cfo": "Pass on 3% in January. Each month of delay costs **$21k** against the two-step plan.",
    "cmo": "Two steps, and give something back. Win rate on renewals is 81%.",
    "cto": "Fix the cause first. I would not charge customers for that half.",
}
DISSENT = {
    "officer": "CFO",
    "view": "would take all of it at once, for each month of delay costs $21k",
    "quote": "Each month of delay costs $21k against the two-step plan.",
}


def form(**more: Any) -> str:
    """A form that fits; `more` replaces fields."""
    return json.dumps(
        {
            "decision": "Pass it on in two steps.",
            "agreement": [{"point": "Absorbing it is not affordable.", "officers": ["ceo", "CMO"]}],
            "dissent": [DISSENT],
            "confidence": 72,
            "depends_on": "whether customers renew",
            "change_of_mind": [{"officer": "cfo", "what": "a waiver of the covenant"}],
            "owner": "head of sales",
            "due": "2026-12-01",
            **more,
        }
    )


def table(minutes: "str | Answer | None" = None, **said: "str | Answer") -> Callable[[llm.Call], "str | Answer"]:
    """A script: each officer says hers, the synthesis is `minutes`."""
    told = {**SAID, **said}

    def answer(call: llm.Call) -> str | Answer:
        persona = call.labels["persona"]
        return told[persona] if persona in told else form() if minutes is None else minutes

    return answer


def held(member: Membership, officers: tuple[str, ...] = ("ceo", "cfo", "cmo", "cto")) -> Conversation:
    """A board meeting of this member that is over, with its minutes. In her tenant's scope."""
    talk: Conversation = Conversation.objects.create(
        user=member.user, title="The surcharge", personas=list(officers), updated_at=timezone.now()
    )
    question = Message(conversation=talk, kind="question", text="Absorb the surcharge, or pass it on?")
    turn = Turn(
        conversation=talk, user=member.user, client_id=str(uuid.uuid4()), fingerprint="", number=1, status="finished"
    )
    turn.question = question
    question.save()
    turn.save()
    rows = [_said(turn, key, SAID[key], place) for place, key in enumerate(officers)]
    names = {key: key.upper() for key in officers}
    found = traced(Form.model_validate_json(form()), {row.persona: row.text for row in rows}, names, question.text)
    found = found.model_copy(update={"answers": {row.persona: str(row.id) for row in rows}})
    board = _said(turn, "board", markdown(found), len(officers))
    board.role, board.synthesis, board.prompt_version = "synthesis", found.stored(), "board.synthesize.v2"
    board.save()
    return talk


def _said(turn: Turn, persona: str, text: str, place: int) -> Message:
    row: Message = Message.objects.create(
        conversation=turn.conversation, turn=turn, parent=turn.question, kind="answer", persona=persona,
        status="complete", text=text, html=render(text), position=place, provider="scripted", model="scripted",
        prompt_version=f"persona.{persona}.v1", total_ms=9200, finished_at=timezone.now(),
    )  # fmt: skip
    return row


def board_of(talk: Conversation) -> Message:
    """Its synthesis. In the tenant's scope."""
    found: Message = Message.objects.get(conversation=talk, role="synthesis")
    return found
