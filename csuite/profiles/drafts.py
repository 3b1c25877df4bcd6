"""Versions of the business profile: a draft is filled in and published; published ones stay as they are.

Everything here is inside the tenant's scope and changes nothing that answers use until `publish`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils import timezone

from csuite.profiles.entries import ENTRIES, Entry, put, shown, value_of
from csuite.profiles.models import BusinessProfile, Goal
from csuite.tenants.audit import record
from csuite.tenants.models import Membership
from csuite.tenants.scope import current_tenant_id

# Of an entry: confirmed in this draft, said and not confirmed yet, as it was published. One in none of them is empty.
DONE, DRAFT, KEPT = "done", "draft", "kept"
COPIED = ("industry", "people", "stage", "revenue", "currency", "fiscal_year_start", "description")
GOAL = ("key", "title", "metric", "target", "unit", "direction", "start", "deadline", "position")


class NothingToPublish(ValueError):
    """A draft without a single entry; the text says so for the person."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as a page shows it. raw: as a person types it. state: done, draft or empty."""

    entry: Entry
    text: str
    raw: str
    state: str


@dataclass(frozen=True, slots=True)
class Change:
    label: str
    before: str
    after: str


def published() -> BusinessProfile | None:
    rows = BusinessProfile.objects.filter(tenant=current_tenant_id(), status=BusinessProfile.Status.PUBLISHED)
    return rows.order_by("-version").first()


def current() -> BusinessProfile | None:
    """The draft, if one was begun."""
    rows = BusinessProfile.objects.filter(tenant=current_tenant_id(), status=BusinessProfile.Status.DRAFT)
    return rows.order_by("-version").first()


def draft(member: Membership) -> BusinessProfile:
    """The draft, locked; a new one begins as a copy of what is published."""
    # One draft at a time: whoever begins one waits for whoever begins another.
    list(type(member.tenant).objects.select_for_update(no_key=True).filter(pk=member.tenant_id))
    found = (
        BusinessProfile.objects.select_for_update(of=("self",))
        .filter(tenant=member.tenant_id, status=BusinessProfile.Status.DRAFT)
        .order_by("-version")
        .first()
    )
    return found or _begun(member)


def _begun(member: Membership) -> BusinessProfile:
    before = published()
    last = BusinessProfile.objects.filter(tenant=member.tenant_id).aggregate(last=Max("version"))["last"] or 0
    new = BusinessProfile(version=last + 1, currency=member.tenant.currency, created_by=member.user)
    if before is not None:
        for name in COPIED:
            setattr(new, name, getattr(before, name))
        new.entries = dict(before.entries)
        new.states = {entry.key: KEPT for entry in ENTRIES if value_of(_known(before), entry) not in (None, "")}
    new.save()
    for goal in before.goals.all() if before else ():
        Goal.objects.create(profile=new, **{name: getattr(goal, name) for name in GOAL})
    return new


def _known(profile: BusinessProfile) -> BusinessProfile:
    """Of a published profile everything is settled, also the month in which its year begins."""
    profile.states = {**profile.states, "fiscal_year_start": DONE}
    return profile


def enter(profile: BusinessProfile, entry: Entry, text: str, state: str) -> bool:
    """Puts it in and saves; whether anything is different. Raises BadEntry."""
    was = value_of(profile, entry)
    put(profile, entry, text)
    if text.strip():
        profile.states[entry.key] = state
    else:
        profile.states.pop(entry.key, None)
    profile.save()
    return bool(value_of(profile, entry) != was)


def confirm(profile: BusinessProfile, entry: Entry) -> None:
    if value_of(profile, entry) not in (None, ""):
        profile.states[entry.key] = DONE
        profile.save()


def lines(profile: BusinessProfile) -> list[Line]:
    """Every entry, in the order of the page."""
    if profile.status == profile.Status.PUBLISHED:
        _known(profile)
    found = []
    for entry in ENTRIES:
        text = shown(profile, entry)
        raw = text if entry.kind == "month" or not text else f"{value_of(profile, entry)}"
        state = DRAFT if profile.states.get(entry.key) == DRAFT else DONE
        found.append(Line(entry, text, raw, state if text else "empty"))
    return found


def publish(profile: BusinessProfile, member: Membership) -> None:
    """From now on answers use it; entries that nobody confirmed are confirmed by this. Raises NothingToPublish."""
    if not any(line.text for line in lines(profile)) and not profile.goals.exists():
        raise NothingToPublish("Enter something first: this version is empty.")
    before = published()
    profile.states = dict.fromkeys(profile.states, DONE)
    profile.status, profile.published_at, profile.published_by = profile.Status.PUBLISHED, timezone.now(), member.user
    profile.save()
    record(
        "profile.publish",
        user=member.user,
        target=str(profile.pk),
        version=profile.version,
        changes={change.label: [change.before, change.after] for change in changes(before, profile)},
    )


def discard(profile: BusinessProfile, member: Membership) -> None:
    record("profile.discard", user=member.user, target=str(profile.pk), version=profile.version)
    profile.delete()


def changes(before: BusinessProfile | None, after: BusinessProfile) -> list[Change]:
    """What is different, in the order of the page, goals last."""
    was, now = dict(_texts(before)) if before else {}, dict(_texts(after))
    return [
        Change(label, was.get(label, ""), now.get(label, ""))
        for label in dict.fromkeys([*was, *now])
        if was.get(label, "") != now.get(label, "")
    ]


def _texts(profile: BusinessProfile) -> Iterator[tuple[str, str]]:
    for entry in ENTRIES:
        if text := shown(_known(profile) if profile.status == profile.Status.PUBLISHED else profile, entry):
            yield entry.label, text
    labels = {entry.label for entry in ENTRIES}
    yield from ((name, text) for name, text in profile.entries.items() if name not in labels)
    goals: Any = profile.goals.all()
    yield from ((f"Goal: {goal.title}", f"by {goal.deadline.isoformat()}") for goal in goals)
