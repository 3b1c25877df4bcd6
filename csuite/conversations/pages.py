"""What the conversation page shows: the list at the side, and the turns on screen."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.html import escape, linebreaks
from django.utils.safestring import SafeString, mark_safe

from csuite.conversations.events import evidence_path
from csuite.conversations.figures import evidence_of
from csuite.conversations.markdown import render
from csuite.conversations.models import Conversation, Frame, Message, Turn
from csuite.conversations.paths import Exchange, Shown, last_answer, shown_path
from csuite.conversations.speaking import SYNTHESIS, speakers_of
from csuite.conversations.windows import outline, window, with_words
from csuite.personas.catalogue import all_personas
from csuite.tenants.models import Membership

RAIL = 60  # conversations in the list; search finds the others


@dataclass(frozen=True, slots=True)
class RailItem:
    id: UUID
    title: str
    time: str
    personas: list[str]
    current: bool

    @property
    def persona(self) -> str:
        return self.personas[0] if len(self.personas) == 1 else "board"


@dataclass(frozen=True, slots=True)
class RailGroup:
    label: str
    items: list[RailItem]


def _day(moment: datetime, today: date, zone: ZoneInfo) -> tuple[str, str]:
    """(group label, time in the list) of a conversation last touched then."""
    local = moment.astimezone(zone)
    days = (today - local.date()).days
    if days <= 0:
        return "Today", f"{local:%H:%M}"
    if days == 1:
        return "Yesterday", f"{local:%H:%M}"
    if days < 7:
        return f"{local:%A} {local.day} {local:%B}", f"{local:%H:%M}"
    label = f"{local:%B}" if local.year == today.year else f"{local:%B %Y}"
    return label, f"{local.day} {local:%b}"


def rail(member: Membership, *, current: UUID | None, query: str = "") -> list[RailGroup]:
    """The member's conversations, newest first, by day; `query` searches titles and what was said."""
    rows = Conversation.objects.filter(
        tenant_id=member.tenant_id, user_id=member.user_id, deleted_at=None, archived_at=None, temporary=False
    )
    if query:
        said = Message.objects.filter(text__icontains=query).values("conversation_id")
        rows = rows.filter(Q(title__icontains=query) | Q(id__in=said))
    zone = ZoneInfo(member.tenant.time_zone)
    today = timezone.now().astimezone(zone).date()
    groups: dict[str, RailGroup] = {}
    for row in rows.order_by("-updated_at")[:RAIL]:
        label, time = ("Pinned", "") if row.pinned_at else _day(row.updated_at, today, zone)
        group = groups.setdefault(label, RailGroup(label, []))
        group.items.append(RailItem(row.id, str(row), time, row.personas or ["cfo"], row.id == current))
    return sorted(groups.values(), key=lambda group: group.label != "Pinned")


@dataclass(frozen=True, slots=True)
class QuestionView:
    id: UUID
    text: str
    html: SafeString
    time: datetime
    edited: bool
    author_initials: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer as the page shows it; `text` of one that is being written is what is stored so far."""

    message: Message
    persona: Any
    text: str
    html: SafeString
    sibling_ids: list[str]
    sibling_index: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.message, name)

    @property
    def turn(self) -> UUID | None:
        return self.message.turn_id

    @property
    def siblings(self) -> list[str]:
        return self.sibling_ids

    @property
    def seconds(self) -> float | None:
        return None if self.message.total_ms is None else self.message.total_ms / 1000

    @property
    def words(self) -> int:
        return len(self.text.split())


def _partial(message: Message) -> str:
    """What the log holds of an answer that is being written, for who reads without a script."""
    frames = Frame.objects.filter(turn_id=message.turn_id).order_by("seq").values_list("payload", flat=True)
    loaded = (orjson.loads(frame) for frame in frames)
    return "".join(f["text"] for f in loaded if f["type"] == "text.delta" and f["message"] == str(message.id))


def answer_view(shown: Shown, speakers: dict[str, Any] | None = None) -> AnswerView:
    message = shown.message
    text, html = message.text, message.html
    if message.status == Message.Status.STREAMING:
        text = _partial(message)
        html = render(text, evidence_of(message), evidence_path(message.id))
    return AnswerView(
        message,
        (speakers or speakers_of([message.persona]))[message.persona],
        text,
        mark_safe(html),  # noqa: S308 - rendered and sanitised by markdown.render
        [str(m.id) for m in shown.siblings],
        shown.index,
    )


def _turn(exchange: Exchange, member: Membership, speakers: dict[str, Any]) -> dict[str, Any]:
    question = exchange.question
    return {
        "question": QuestionView(
            question.id,
            question.text,
            mark_safe(linebreaks(escape(question.text))),  # noqa: S308 - escaped
            question.created_at,
            bool(question.earlier),
            member.user.initials,
        ),
        "question_siblings": [str(m.id) for m in exchange.siblings],
        "question_index": exchange.index,
        "answers": [answer_view(shown, speakers) for shown in exchange.answers],
    }


def thread(
    member: Membership, conversation: Conversation | None, before: UUID | None = None, at: UUID | None = None
) -> dict[str, Any]:
    """The context of the page for one conversation, or for a new one: its last turns, or those of windows.window."""
    path: list[Exchange] = []
    open_turns = 0
    if conversation is not None:
        path = shown_path(outline(conversation), conversation.shown)
        open_turns = conversation.turns.exclude(status=Turn.Status.FINISHED).count()
    officers = all_personas()
    part = window(path, before, at)
    exchanges = with_words(part.exchanges)
    speakers = speakers_of(shown.message.persona for one in exchanges for shown in one.answers)
    return {
        "conversation": conversation,
        "turns": [_turn(exchange, member, speakers) for exchange in exchanges],
        "earlier": part.earlier,
        "ended": part.ended,
        "parent": last_answer(path),
        "personas": officers,
        "speakers": [*officers, SYNTHESIS],
        "running": open_turns > 0,
        "max_length": settings.QUESTION_MAX_LENGTH,
        "socket_path": f"/ws/conversations/{conversation.id}/" if conversation else "",
    }
