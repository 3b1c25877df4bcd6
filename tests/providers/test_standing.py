"""What staff read of a provider, and what a release does that is current already or has nothing before it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from csuite.providers import releases, standing
from csuite.providers.models import ProviderHealth, ProviderSetting, Release
from csuite.tenants.models import PlatformAudit

pytestmark = pytest.mark.django_db


def checked(**fields: Any) -> str:
    now = timezone.now()
    ProviderHealth.objects.create(**{"provider": "groq", "checked_at": now - timedelta(hours=1), "since": now} | fields)
    return standing.health("groq")


def test_a_check_that_went_well_says_how_long_it_took() -> None:
    assert checked(ok=True, latency_ms=120).startswith("answered in 120 ms, 36")


def test_a_check_that_failed_says_why_and_since_when() -> None:
    said = checked(ok=False, error="timeout")
    assert said.startswith("failed (timeout) since ")
    assert said.endswith(" s ago")


def test_who_was_never_checked_is_said_to_be_so() -> None:
    assert standing.health("groq") == "not checked"


def test_a_row_of_a_provider_that_the_code_does_not_know_says_so() -> None:
    assert standing.address(ProviderSetting(name="gone")) == "there is no such provider"
    assert standing.key("gone") == "not set"


def test_an_address_that_is_not_allowed_is_not_asked() -> None:
    said = standing.address(ProviderSetting(name="groq", base_url="https://elsewhere.example/v1"))
    assert said == "https://elsewhere.example/v1: not asked, for its host is not in LLM_ALLOWED_HOSTS"


def test_making_the_current_release_current_changes_nothing(cast: Any) -> None:
    current = releases.current_release()
    assert current is not None
    releases.make_current(current, cast.root)
    assert not PlatformAudit.objects.filter(action="release.current").exists()
    again = releases.current_release()
    assert again is not None
    assert again.current_since == current.current_since


def test_a_release_without_one_before_it_is_not_taken_back() -> None:
    current = releases.current_release()
    assert current is not None
    assert releases.take_back(current.pk, "errors") is None
    assert releases.current_release() == current


def test_of_two_processes_that_take_a_release_back_one_does() -> None:
    first = releases.current_release()
    assert first is not None
    second = Release.objects.create(label="spring")
    releases.make_current(second, None)
    assert releases.take_back(second.pk, "errors") == first
    assert releases.take_back(second.pk, "errors") is None
    second.refresh_from_db()
    assert (second.state, second.ended_because) == (Release.State.REVERTED, "errors")
