"""The course of an interview: what was answered, and what is entered from it. Inside the tenant's scope."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from django.utils.text import slugify

from csuite.profiles import drafts, months
from csuite.profiles.entries import BY_KEY, BadEntry
from csuite.profiles.models import BusinessProfile, Goal, InterviewAnswer, Metric
from csuite.tenants.models import Membership

TWICE = 2  # so often a question is asked at most
Finder = Callable[[str], Metric | None]  # of the metric that a text names


class GoalDraft(Protocol):
    """A goal as an answer said it."""

    @property
    def title(self) -> str: ...
    @property
    def target(self) -> Decimal: ...
    @property
    def unit(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def deadline(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer said, by whom it was sorted (a model's name or "")."""

    entries: Mapping[str, str]
    goals: Sequence[GoalDraft]
    ask: str
    model: str


def answers(profile: BusinessProfile | None) -> list[InterviewAnswer]:
    return list(InterviewAnswer.objects.filter(profile=profile).select_related("user")) if profile else []


def settled(said: Iterable[InterviewAnswer]) -> frozenset[str]:
    """Keys of the questions that need not be asked again."""
    times: dict[str, list[InterviewAnswer]] = {}
    for answer in said:
        times.setdefault(answer.question, []).append(answer)
    return frozenset(key for key, rows in times.items() if not rows[-1].is_open or len(rows) >= TWICE)


def keep(profile: BusinessProfile, member: Membership, question: str, asked: str, text: str) -> InterviewAnswer:
    """The answer as it was given, before anybody sorts it: it is not lost with a model or a process."""
    answer: InterviewAnswer = InterviewAnswer.objects.create(
        profile=profile, question=question, asked=asked, text=text, user=member.user
    )
    return answer


def enter(answer: InterviewAnswer, said: Said, metric_of: Finder) -> None:
    """As drafts, which a person confirms; what was confirmed in this version is left alone. It may be gone by now."""
    profile = BusinessProfile.objects.select_for_update().filter(pk=answer.profile_id, status="draft").first()
    if profile is None:
        return
    labels = [BY_KEY[key].label for key, text in said.entries.items() if _entered(profile, key, text)]
    labels += [goal.title for goal in said.goals if add_goal(profile, goal, metric_of)]
    answer.reply, answer.is_open = said.ask or _noted(labels), bool(said.ask)
    answer.entered, answer.by_model = labels, said.model
    answer.save(update_fields=["reply", "is_open", "entered", "by_model"])


def _entered(profile: BusinessProfile, key: str, text: str) -> bool:
    if profile.states.get(key) == drafts.DONE:
        return False
    try:
        return drafts.enter(profile, BY_KEY[key], text, drafts.DRAFT)
    except BadEntry:
        return False


def _noted(labels: Sequence[str]) -> str:
    return f"Noted: {', '.join(labels)}." if labels else "Noted. I entered nothing new from it."


def add_goal(profile: BusinessProfile, goal: GoalDraft, metric_of: Finder) -> Goal | None:
    """With the metric that its title names. None where the draft has a goal of that name already."""
    key = slugify(goal.title)[:60] or "goal"
    if profile.goals.filter(key=key).exists():
        return None
    start = min(months.first_of(profile.created_at.date()), goal.deadline)
    made: Goal = Goal.objects.create(
        profile=profile,
        key=key,
        title=goal.title[:160],
        metric=metric_of(goal.title),
        target=goal.target,
        unit=goal.unit,
        direction=goal.direction,
        start=start,
        deadline=goal.deadline,
        position=profile.goals.count(),
    )
    return made
