"""Making a release current, and taking one back."""

from django.db import transaction
from django.utils import timezone

from csuite.providers.models import Release
from csuite.tenants import audit
from csuite.tenants.models import User

State = Release.State


@transaction.atomic
def make_current(release: Release, user: User | None) -> None:
    """A person's decision: from now on its models answer, in every process. The one before it counts as good."""
    now = timezone.now()
    before = _current()
    if before is not None and before.pk == release.pk:
        return
    if before is not None:
        _end(before, State.PAST, f"followed by {release.label}")
    _begin(release)
    audit.record_platform(
        "release.current", user=user, label=release.label, before=before.label if before else "", at=now.isoformat()
    )


@transaction.atomic
def take_back(release_id: int, why: str) -> Release | None:
    """The last good release instead of this one, by itself. Gives it; None if this one is current no more (another
    process was first) or there is none to go back to.
    """
    bad = _current()
    if bad is None or bad.pk != release_id:
        return None
    good = last_good()
    if good is None:
        return None
    _end(bad, State.REVERTED, why)
    _begin(good)
    audit.record_platform("release.reverted", user=None, label=bad.label, to=good.label, why=why)
    return good


def current_release() -> Release | None:
    return Release.objects.filter(state=State.CURRENT).first()


def last_good() -> Release | None:
    """The one that was current last and was never taken back."""
    return Release.objects.filter(state=State.PAST).order_by("-current_since").first()


def _current() -> Release | None:
    """Locked: whoever changes what is current waits here."""
    return Release.objects.select_for_update().filter(state=State.CURRENT).first()


def _end(release: Release, state: Release.State, why: str) -> None:
    release.state, release.ended_at, release.ended_because = state, timezone.now(), why[:200]
    release.save(update_fields=["state", "ended_at", "ended_because"])


def _begin(release: Release) -> None:
    release.state, release.current_since, release.ended_at, release.ended_because = (
        State.CURRENT,
        timezone.now(),
        None,
        "",
    )
    release.save(update_fields=["state", "current_since", "ended_at", "ended_because"])
