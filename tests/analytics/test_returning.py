"""Back to the last good release by itself, when too many attempts of the current one fail."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from csuite.analytics.models import LedgerEntry
from csuite.analytics.returning import watch
from csuite.providers.models import LanguageModel, Release, TierModel
from csuite.providers.releases import make_current, take_back
from csuite.tenants.models import PlatformAudit
from csuite.tenants.scope import tenant_scope

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def spring() -> Release:
    """A release with a model of its own, current; the first one is the last good."""
    model = LanguageModel.objects.get(provider="openai", name="gpt-4.1")
    made: Release = Release.objects.create(label="spring")
    TierModel.objects.create(release=made, tier="standard", model=model)
    make_current(made, None)
    return made


def attempts(cast: Any, number: int, error: str = "", **fields: Any) -> None:
    plain = {"provider": "openai", "model": "gpt-4.1", "task": "chat", "started_at": timezone.now()}
    with tenant_scope(cast.acme.id):
        for _ in range(number):
            LedgerEntry(**{**plain, "error_kind": error, **fields}).save()


def current() -> str:
    return str(Release.objects.get(state=Release.State.CURRENT))


def test_above_one_in_twenty_the_last_good_release_comes_back(cast: Any, spring: Release) -> None:
    attempts(cast, 19)
    attempts(cast, 1, "server_error")
    assert watch() is None  # exactly five per cent
    attempts(cast, 1, "timeout")
    good = watch()
    assert good is not None
    spring.refresh_from_db()
    assert (current(), spring.state, spring.ended_because) == ("1", "reverted", "2 of 21 attempts failed")
    audit = PlatformAudit.objects.get(action="release.reverted")
    assert (audit.user, audit.detail["label"], audit.detail["to"]) == (None, "spring", "1")
    assert watch() is None
    assert PlatformAudit.objects.filter(action="release.reverted").count() == 1


def test_of_two_workers_one_takes_it_back(cast: Any, spring: Release) -> None:
    assert take_back(spring.pk, "why") is not None
    assert take_back(spring.pk, "why") is None
    assert current() == "1"


@pytest.mark.parametrize(
    "fields",
    [
        {"error": "cancelled"},
        {"error": "context_length"},
        {"error": "content_filter"},
        {"error": "budget"},
        {"error": "invalid_request"},  # of a program's own making
        {"error": "server_error", "model": "another"},
        {"error": "server_error", "provider": "analyst"},
    ],
)
def test_what_is_not_the_models_fault_does_not_count(cast: Any, spring: Release, fields: dict[str, Any]) -> None:
    attempts(cast, 20)
    attempts(cast, 20, **fields)
    assert watch() is None


def test_requests_of_the_product_that_are_refused_count(cast: Any, spring: Release) -> None:
    attempts(cast, 20)
    attempts(cast, 20, "invalid_request", message=uuid4())
    assert watch() is not None


def test_few_attempts_old_ones_and_those_before_the_release_say_nothing(cast: Any, spring: Release) -> None:
    attempts(cast, 19, "server_error")
    assert watch() is None
    long_ago = timezone.now() - timedelta(hours=1)
    Release.objects.filter(pk=spring.pk).update(current_since=long_ago)
    attempts(cast, 30, "server_error", started_at=long_ago + timedelta(minutes=1))
    assert watch() is None
    Release.objects.filter(pk=spring.pk).update(current_since=timezone.now())
    attempts(cast, 30, "server_error", started_at=timezone.now() - timedelta(minutes=1))
    assert watch() is None


def test_a_release_without_models_is_judged_by_all_of_them_and_stays_if_there_is_no_other(cast: Any) -> None:
    attempts(cast, 30, "server_error", model="any")
    assert watch() is None
    assert current() == "1"
    made = Release.objects.create(label="environment")
    make_current(made, None)
    attempts(cast, 30, "server_error", model="any")
    good = watch()
    assert good is not None
    assert good.label == "1"


def test_what_was_taken_back_is_never_gone_back_to(cast: Any, spring: Release) -> None:
    take_back(spring.pk, "why")
    summer = Release.objects.create(label="summer")
    make_current(summer, None)
    attempts(cast, 30, "server_error", model="any")
    good = watch()
    assert good is not None
    assert good.label == "1"
