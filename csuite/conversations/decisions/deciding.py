"""What members do with decisions: propose, change, approve or reject, carry out, look back. Every change is kept."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from csuite.conversations.decisions.recording import message_for, record_of
from csuite.conversations.models import Decision, DecisionChange
from csuite.conversations.models.decision import TEXT_LENGTH
from csuite.profiles import months
from csuite.tenants.models import Membership, Role, User
from csuite.tenants.problems import Problem

Status = Decision.Status
APPROVERS = frozenset({Role.EXECUTIVE, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a decision. owner: whoever owns it may take it too. Without approvers_only every member may."""

    label: str
    to: str
    approvers_only: bool = True
    owner: bool = False


# From each state, in the order of the buttons.
MOVES: dict[str, tuple[Move, ...]] = {
    Status.PROPOSED: (Move("Approve", Status.APPROVED), Move("Reject", Status.REJECTED)),
    Status.APPROVED: (Move("Mark as done", Status.DONE, owner=True), Move("Reopen", Status.PROPOSED)),
    Status.REJECTED: (Move("Propose again", Status.PROPOSED, approvers_only=False),),
    Status.DONE: (Move("Review", Status.REVIEWED, owner=True), Move("Not done yet", Status.APPROVED, owner=True)),
    Status.REVIEWED: (),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form says of a decision; `owner` is a member's user."""

    text: str
    owner: UUID | None = None
    due: date | None = None
    review: date | None = None


def decisions() -> QuerySet[Decision]:
    """The company's, newest first. Inside its scope."""
    rows: QuerySet[Decision] = Decision.objects.select_related("owner", "proposed_by").order_by("-created_at")
    return rows


def decision_for(decision_id: UUID, *, lock: bool = False) -> Decision:
    """Any member's company's. Raises Problem("not_found")."""
    rows = Decision.objects.select_for_update(of=("self",)) if lock else Decision.objects.all()
    found: Decision | None = rows.select_related("owner", "proposed_by").filter(id=decision_id).first()
    if found is None:
        raise Problem("not_found", "There is no such decision.")
    return found


def owners(member: Membership) -> list[Membership]:
    """Who may own a decision: the members of the company."""
    rows = Membership.objects.filter(tenant_id=member.tenant_id, is_active=True, user__is_active=True)
    return list(rows.select_related("user").order_by("user__name", "user__email"))


def propose(member: Membership, wanted: Wanted, message_id: UUID | None) -> Decision:
    """From a synthesis or an answer of the member's own, or by hand. Raises Problem: bad_frame, not_found."""
    message = message_for(member, message_id) if message_id else None
    row = Decision(
        text=_text(wanted.text),
        proposed_by=member.user,
        owner=_owner(member, wanted.owner),
        due=wanted.due,
        review=wanted.review,
        message=message,
        record=record_of(message, member.user.display_name) if message else {},
    )
    row.save()
    _note(row, member, "status", "", Status.PROPOSED.label)
    return row


def change(member: Membership, decision_id: UUID, wanted: Wanted) -> Decision:
    """Raises Problem: bad_frame, forbidden (the text of what was decided stays), not_found."""
    row = decision_for(decision_id, lock=True)
    text = _text(wanted.text)
    if not may_change(member, row):
        raise Problem("forbidden", "Only its owner, who proposed it and executives change a decision.")
    if text != row.text and row.status != Status.PROPOSED:
        raise Problem("forbidden", "The words of a decision change only while it is proposed. Reopen it first.")
    new = {"text": text, "owner": _owner(member, wanted.owner), "due": wanted.due, "review": wanted.review}
    for field, value in new.items():
        before = getattr(row, field)
        if before != value:
            setattr(row, field, value)
            _note(row, member, field, _words(before), _words(value))
    row.save(update_fields=[*new, "updated_at"])
    return row


def may_change(member: Membership, row: Decision) -> bool:
    involved = member.user_id in (row.owner_id, row.proposed_by_id)
    return row.status != Status.REVIEWED and (involved or member.role in APPROVERS)


def moves(member: Membership, row: Decision) -> list[Move]:
    """The steps that this member may take now."""
    return [move for move in MOVES[row.status] if _may(member, row, move)]


def _may(member: Membership, row: Decision, move: Move) -> bool:
    owns = move.owner and row.owner_id == member.user_id
    return owns or not move.approvers_only or member.role in APPROVERS


def move(member: Membership, decision_id: UUID, to: str, outcome: str = "", outcome_text: str = "") -> Decision:
    """Takes a step. Raises Problem: bad_frame (no such step from here), forbidden, not_found."""
    row = decision_for(decision_id, lock=True)
    step = next((move for move in MOVES[row.status] if move.to == to), None)
    if step is None:
        raise Problem("bad_frame", f"It is {row.get_status_display().lower()} now; this step does not follow.")
    if not _may(member, row, step):
        raise Problem("forbidden", "Executives and administrators decide; its owner says when it is done.")
    if to == Status.REVIEWED:
        _review(row, member, outcome, outcome_text)
    _note(row, member, "status", row.get_status_display(), Status(to).label)
    if to in (Status.APPROVED, Status.REJECTED) and row.status == Status.PROPOSED:
        row.decided_at = timezone.now()
    elif to == Status.PROPOSED:
        row.decided_at = None
    row.status = to
    row.save()
    return row


def _review(row: Decision, member: Membership, outcome: str, text: str) -> None:
    if outcome not in Decision.Outcome.values:
        raise Problem("bad_frame", "Say how it went: it worked, in part, or not.")
    row.outcome, row.outcome_text = outcome, _text(text, empty=True)
    said = f"{Decision.Outcome(outcome).label}. {row.outcome_text}".strip()
    _note(row, member, "outcome", "", said)


def _text(text: str, *, empty: bool = False) -> str:
    text = text.replace("\x00", "").strip()
    if not text and not empty:
        raise Problem("bad_frame", "Write down what is decided.")
    if len(text) > TEXT_LENGTH:
        raise Problem("too_long", f"A decision has at most {TEXT_LENGTH:,} characters.")
    return text


def _owner(member: Membership, user_id: UUID | None) -> User | None:
    if user_id is None:
        return None
    found = next((one.user for one in owners(member) if one.user_id == user_id), None)
    if found is None:
        raise Problem("bad_frame", "The owner is not a member of your company.")
    return found


def _words(value: Any) -> str:
    if isinstance(value, User):
        return value.display_name
    return months.day(value) if isinstance(value, date) else str(value or "")


def _note(row: Decision, member: Membership, field: str, before: str, after: str) -> None:
    DecisionChange(decision=row, by=member.user, field=field, before=before, after=after).save()
