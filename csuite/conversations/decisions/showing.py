"""What the pages of decisions show."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString, mark_safe

from csuite.conversations.boardroom import minutes
from csuite.conversations.decisions import deciding
from csuite.conversations.decisions.recording import message_for, record_of
from csuite.conversations.markdown import render
from csuite.conversations.models import Decision
from csuite.conversations.models.decision import TEXT_LENGTH
from csuite.tenants.models import Membership

AT_ONCE = 200  # of the log; filters find the others
FIELDS = {
    "status": "State", "text": "Words", "owner": "Owner", "due": "Due date", "review": "Review date",
    "outcome": "Outcome",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tab:
    state: str
    label: str
    count: int
    current: bool


def log(member: Membership, state: str = "") -> dict[str, Any]:
    """The decisions in a state ("": all), newest first, and how many there are in each."""
    counts = dict(Decision.objects.values_list("status").annotate(Count("id")).order_by())
    tabs = [Tab("", "All", sum(counts.values()), not state)]
    tabs += [Tab(value, str(label), counts.get(value, 0), value == state) for value, label in Decision.Status.choices]
    rows = deciding.decisions().filter(**({"status": state} if state else {}))
    today = member.tenant.today()
    return {
        "tabs": tabs,
        "rows": [Line(row, is_late(row, today)) for row in rows[:AT_ONCE]],
        "owners": deciding.owners(member),
        "max_length": TEXT_LENGTH,
        "may_approve": member.role in deciding.APPROVERS,
    }


@dataclass(frozen=True, slots=True)
class Line:
    row: Decision
    is_late: bool


def is_late(row: Decision, today: date) -> bool:
    return row.status == Decision.Status.APPROVED and row.due is not None and row.due < today


def proposal(member: Membership, message_id: UUID) -> dict[str, Any]:
    """The form for a decision from an answer. Raises Problem("not_found")."""
    message = message_for(member, message_id)
    found = minutes.read(message.synthesis)
    owners = deciding.owners(member)
    return {
        "message": message,
        "record": recorded(record_of(message, member.user.display_name)),
        "owners": owners,
        "chosen_owner": suggested(owners, found.owner if found else ""),
        "due": found.due if found else None,
        "max_length": TEXT_LENGTH,
        "may_approve": member.role in deciding.APPROVERS,
    }


def suggested(owners: list[Membership], said: str) -> UUID | None:
    """The member whose name or title a synthesis gives as the owner; None where it could be two."""
    said = " ".join(said.casefold().split())
    if not said:
        return None
    found = {o.user_id for o in owners if said in (o.user.display_name.casefold(), o.title.casefold().strip())}
    loosely = {o.user_id for o in owners if o.user.name and o.user.name.casefold() in said}
    chosen = found or loosely
    return chosen.pop() if len(chosen) == 1 else None


@dataclass(frozen=True, slots=True)
class Said:
    """One answer of the record."""

    name: str
    hue: str
    text: str
    html: SafeString
    evidence: list[dict[str, Any]]
    about: str


@dataclass(frozen=True, slots=True)
class Record:
    question: str
    asked_by: str
    asked_at: Any
    answers: list[Said]
    minutes: minutes.Minutes | None
    minutes_version: str


def recorded(stored: dict[str, Any]) -> Record | None:
    """The record of a decision for its page and its board pack; None for one that was written down by hand."""
    if not stored:
        return None
    said = [
        Said(
            name=str(one["name"]),
            hue=str(one["hue"]),
            text=str(one["text"]),
            html=mark_safe(render(one["text"])),  # noqa: S308 - rendered and sanitised by markdown.render
            evidence=list(one["evidence"]),
            about=", ".join(filter(None, [one["model"] or one["provider"], one["prompt_version"]])),
        )
        for one in stored["answers"]
    ]
    return Record(
        stored["question"],
        stored["asked_by"],
        parse_datetime(stored["asked_at"]),
        said,
        minutes.read(stored["minutes"]),
        stored["minutes_version"],
    )


def one(member: Membership, row: Decision) -> dict[str, Any]:
    changes = row.changes.select_related("by").order_by("at", "id")
    return {
        "decision": row,
        "is_late": is_late(row, member.tenant.today()),
        "record": recorded(row.record),
        "changes": [(FIELDS.get(one.field, one.field), one) for one in changes],
        "moves": [step for step in deciding.moves(member, row) if step.to != Decision.Status.REVIEWED],
        "may_review": any(step.to == Decision.Status.REVIEWED for step in deciding.moves(member, row)),
        "may_change": deciding.may_change(member, row),
        "outcomes": Decision.Outcome.choices,
        "owners": deciding.owners(member),
        "chosen_owner": row.owner_id,
        "max_length": TEXT_LENGTH,
        "is_asker": row.proposed_by_id == member.user_id,
        "board_conversation": row.message.conversation_id if row.message else None,
    }
