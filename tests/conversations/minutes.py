"""What a model fills in for a synthesis, in the tests."""

import json
from collections.abc import Callable
from typing import Any

from csuite import llm
from csuite.llm.scripted import Answer

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
