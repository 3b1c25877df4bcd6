"""The way of a prompt from a draft to every answer, and back: each step is recorded with who, when and why."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from csuite.personas.catalogue import live_version
from csuite.personas.models import PromptOverride, PromptRelease, PromptVersion
from csuite.tenants import audit
from csuite.tenants.models import User
from csuite.tenants.scope import platform_scope, tenant_scope

Status, Action = PromptVersion.Status, PromptRelease.Action


class Refused(ValueError):
    """The step cannot be taken; the text says why, for the person who tried."""


def draft_from(version: PromptVersion, user: User) -> PromptVersion:
    """A new draft with the words of `version`, under the next free number."""
    for _ in range(3):
        newest = PromptVersion.objects.filter(name=version.name).aggregate(newest=Max("version"))["newest"] or 0
        copied = {field: getattr(version, field) for field in ("body", "requires", "tier", "temperature", "max_tokens")}
        try:
            with transaction.atomic():
                draft: PromptVersion = PromptVersion.objects.create(
                    name=version.name, version=newest + 1, created_by=user, note=f"From {version.identifier}", **copied
                )
        except IntegrityError:  # somebody else took the number
            continue
        _record("prompt.drafted", user, draft, source=version.identifier)
        return draft
    raise Refused("Others are making drafts of this prompt at this moment. Please try again.")


def submit(version: PromptVersion, user: User) -> None:
    """Asks for a review of a draft."""
    with transaction.atomic():
        row = _locked(version, Status.DRAFT)
        row.status, row.reviewed_by, row.reviewed_at = Status.REVIEW, None, None
        row.save()
        _record("prompt.submitted", user, row)


def send_back(version: PromptVersion, user: User, reason: str) -> None:
    """The reviewer wants changes: it is a draft again."""
    reason = _reason(reason)
    with transaction.atomic():
        row = _locked(version, Status.REVIEW)
        row.status, row.reviewed_by, row.reviewed_at = Status.DRAFT, None, None
        row.save()
        _record("prompt.sent_back", user, row, reason=reason)


def review(version: PromptVersion, user: User) -> None:
    """Somebody else than its author has read it and agrees."""
    with transaction.atomic():
        row = _locked(version, Status.REVIEW)
        if row.created_by_id == user.pk:
            raise Refused("Somebody else than the author reviews it.")
        row.reviewed_by, row.reviewed_at = user, timezone.now()
        row.save()
        _record("prompt.reviewed", user, row)


def publish(version: PromptVersion, user: User, reason: str, seen: int | None = None) -> PromptRelease:
    """Makes it what every tenant without a choice of its own speaks with, from the next answer on.

    seen: the id of the version that was live when the person decided; another one by now is Refused.
    """
    reason = _reason(reason)
    with transaction.atomic():
        row = _locked(version, Status.DRAFT, Status.REVIEW, Status.PUBLISHED)
        _check_review(row)
        before = _live(row.name)
        _check_unmoved(before, seen)
        if before == row and row.status == Status.PUBLISHED:
            raise Refused(f"{row.identifier} is live already.")
        _freeze(row, user)
        return _release(row, before, Action.PUBLISH, user, reason)


def roll_back(name: str, user: User, reason: str, seen: int | None = None) -> PromptRelease:
    """Makes the version live again that was live before the present one. Raises Refused if there was none."""
    reason = _reason(reason)
    with transaction.atomic():
        now = _live(name)
        _check_unmoved(now, seen)
        target = before_last(name)
        if target is None:
            raise Refused("No other version of this prompt was live before.")
        return _release(target, now, Action.ROLL_BACK, user, reason)


def before_last(name: str) -> PromptVersion | None:
    """What a rollback would make live: what the present version replaced."""
    now = _live(name)
    if now is None:
        return None
    came = PromptRelease.objects.filter(name=name, version=now, action=Action.PUBLISH).select_related("before").first()
    target = came.before if came else None
    return target if target is not None and target.status == Status.PUBLISHED else None


def retire(version: PromptVersion, user: User) -> None:
    """Nobody can publish it again. Not for a version that somebody speaks with."""
    with transaction.atomic():
        row = _locked(version, *Status)
        with platform_scope("is a prompt in use"):
            chosen = PromptOverride.objects.filter(version=row).exists()
        if chosen or _live(row.name) == row:
            raise Refused(f"{row.identifier} is in use.")
        row.status = Status.RETIRED
        row.save()
        _record("prompt.retired", user, row)


def choose_for(tenant: UUID, version: PromptVersion, user: User, reason: str) -> PromptOverride:
    """One tenant speaks with this version from now on; for the others nothing changes."""
    reason = _reason(reason)
    with transaction.atomic():
        row = _locked(version, Status.DRAFT, Status.REVIEW, Status.PUBLISHED)
        _check_review(row)
        _pin_live(row.name, user)
        _freeze(row, user)
        with tenant_scope(tenant):
            was = PromptOverride.objects.filter(name=row.name).select_related("version").first()
            chosen, _ = PromptOverride.objects.update_or_create(
                name=row.name, defaults={"version": row, "reason": reason, "by": user}
            )
            before = was.version.identifier if was else ""
            audit.record(
                "prompt.chosen", user=user, target=row.name, before=before, after=row.identifier, reason=reason
            )
        _record("prompt.chosen", user, row, tenant=str(tenant), before=before, reason=reason)
    return chosen  # type: ignore[no-any-return]


def follow_again(tenant: UUID, name: str, user: User, reason: str) -> None:
    """The tenant speaks with what is live again."""
    reason = _reason(reason)
    with tenant_scope(tenant):
        own = PromptOverride.objects.filter(name=name).select_related("version").first()
        if own is None:
            raise Refused("This tenant follows what is live already.")
        own.delete()
        detail = {"before": own.version.identifier, "after": "", "reason": reason}
        audit.record("prompt.follows", user=user, target=name, **detail)
        audit.record_platform("prompt.follows", user=user, prompt=name, tenant=str(tenant), **detail)


def _locked(version: PromptVersion, *statuses: str) -> PromptVersion:
    row = PromptVersion.objects.select_for_update().get(pk=version.pk)
    if row.status not in statuses:
        raise Refused(f"{row.identifier} is {row.get_status_display().lower()}.")
    return row


def _live(name: str) -> PromptVersion | None:
    try:
        return live_version(name)
    except PromptVersion.DoesNotExist:
        return None


def _check_unmoved(now: PromptVersion | None, seen: int | None) -> None:
    if seen is not None and now is not None and now.pk != seen:
        raise Refused(f"Meanwhile somebody made {now.identifier} live. Look at it first.")


def _check_review(row: PromptVersion) -> None:
    if settings.PROMPT_REVIEW and row.reviewed_by_id is None and row.status != Status.PUBLISHED:
        raise Refused("Somebody else than the author must review it first.")


def _freeze(row: PromptVersion, user: User) -> None:
    if row.status != Status.PUBLISHED:
        row.status, row.published_at, row.published_by = Status.PUBLISHED, timezone.now(), user
        row.save()


def _pin_live(name: str, user: User) -> None:
    """Without a release the newest published version is live: a choice for one tenant must not become everybody's."""
    now = _live(name)
    if now is not None and not PromptRelease.objects.filter(name=name).exists():
        _release(now, None, Action.PUBLISH, user, "Live so far")


def _release(row: PromptVersion, before: PromptVersion | None, action: str, user: User, reason: str) -> PromptRelease:
    release: PromptRelease = PromptRelease.objects.create(
        name=row.name, version=row, before=before, action=action, by=user, reason=reason
    )
    _record(f"prompt.{action}", user, row, before=before.identifier if before else "", reason=reason)
    return release


def _reason(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise Refused("Say why, in a few words.")
    return text[:300]


def _record(action: str, user: User, version: PromptVersion, **detail: Any) -> None:
    audit.record_platform(action, user=user, prompt=version.identifier, **detail)
