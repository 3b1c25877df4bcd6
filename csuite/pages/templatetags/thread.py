"""What the templates of a conversation say. static/js/wording.js says the same in the browser, word by word."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.http import HttpRequest

register = template.Library()

UNFINISHED = ("queued", "streaming")
# What an answer that did not end well says first, and what it says when the server gave no reason.
ENDINGS = {
    "stopped": ("Stopped.", "What was written is kept."),
    "interrupted": ("Interrupted.", "What was written is saved."),
    "failed": ("No answer came.", "Your question is saved."),
}


@dataclass(frozen=True, slots=True)
class Note:
    head: str
    rest: str
    kind: str  # "", warn, bad
    icon: str


@register.simple_tag
def note_of(status: str, note: str | None, provider: str | None, code: str | None = None) -> Note | None:
    """The plain statement under an answer, or None when there is nothing to say."""
    ending = ENDINGS.get(status)
    if ending:
        head, rest = ending
        if note and status == "failed":
            head, rest = split_sentence(note)
        elif note:
            rest = note
        if code == "budget_exceeded":  # a limit, no fault
            return Note(head, rest, "warn", "clock")
        return Note(head, rest, "" if status == "stopped" else "bad", "stop" if status == "stopped" else "warn")
    if not note or status in UNFINISHED:
        return None
    head, rest = split_sentence(note)
    return Note(head, rest, "", "calc" if provider == "analyst" else "info")


def split_sentence(text: str) -> tuple[str, str]:
    """The first sentence, and what follows."""
    head, dot, rest = text.partition(". ")
    return f"{head}." if dot else head, rest


@register.simple_tag
def state_of(answer: Any, persona: Any) -> str:
    """Beside the persona's name: what it is doing, or its field once it is done."""
    status = getattr(answer, "status", "")
    if status == "streaming":
        return "Writing" if answer.text else "Waiting for the first word"
    return "Waiting in the queue" if status == "queued" else str(persona.byline)


@dataclass(frozen=True, slots=True)
class Step:
    """Ids of the tries before and after the one on screen, "" at the ends; its place counts from 1."""

    older: str
    newer: str
    place: int
    count: int


@register.simple_tag
def neighbours(siblings: Sequence[str] | None, index: int | None) -> Step:
    ids, at = list(siblings or [""]), index or 0
    return Step(ids[at - 1] if at else "", ids[at + 1] if at + 1 < len(ids) else "", at + 1, len(ids))


@register.simple_tag(takes_context=True)
def chosen_keys(context: dict[str, Any], conversation: Any, personas: Sequence[Any]) -> list[str]:
    """Who answers next: whom the link names, else who did last, else the CFO, else the first."""
    known = [persona.key for persona in personas]
    request: HttpRequest = context["request"]
    wanted = request.GET.getlist("persona") or list(getattr(conversation, "personas", None) or [])
    chosen = [key for key in known if key in wanted]
    return chosen or (["cfo"] if "cfo" in known else known[:1])


@register.simple_tag
def new_id() -> str:
    """Makes sending idempotent also without scripts: the same form sent twice is one question."""
    return str(uuid.uuid4())


@register.simple_tag(takes_context=True)
def rating_of(context: dict[str, Any], answer: Any) -> Any:
    """What the reader said of this answer; None where she said nothing (or the answer is yet to come)."""
    return context.get("ratings", {}).get(answer.id) if answer else None
