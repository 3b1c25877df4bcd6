"""What an answer says of its figures and of the age of its data. static/js/evidence.js says the same in the browser."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import template

from csuite.profiles import months

register = template.Library()


@dataclass(frozen=True, slots=True)
class Counts:
    """Words for each class, "" where there is none; `late` says what is overdue."""

    found: str
    calculated: str
    not_found: str
    late: str

    @property
    def any(self) -> bool:
        return bool(self.found or self.calculated or self.not_found)


@register.simple_tag
def counted(evidence: Iterable[Mapping[str, Any]] | None, age: Mapping[str, Any] | None) -> Counts:
    classes = [one["class"] for one in evidence or ()]

    def words(name: str, text: str) -> str:
        count = classes.count(name)
        return f"{count} {text}" if count else ""

    return Counts(
        words("found", "from your data"),
        words("calculated", "calculated"),
        words("not_found", "not found"),
        late_words(age),
    )


def late_words(age: Mapping[str, Any] | None) -> str:
    late = (age or {}).get("late") or []
    if not late:
        return ""
    worst = max(late, key=lambda one: int(one["days"]))
    others = f" and {len(late) - 1} more" if len(late) > 1 else ""
    days = int(worst["days"])
    return f"Out of date: {worst['name']}{others}, {days} day{'' if days == 1 else 's'} late"


@register.filter
def age_words(age: Mapping[str, Any] | None) -> str:
    """Behind the persona's field: `, from figures closed 6 November 2026`."""
    known = age or {}
    when = known.get("closed_on") or known.get("as_of")
    if not when:
        return ""
    return f", from figures {'closed' if known.get('closed_on') else 'as of'} {day(when)}"


@register.filter
def day(text: str) -> str:
    """`2026-10-31` as `31 October 2026`."""
    return months.day(date.fromisoformat(text))
