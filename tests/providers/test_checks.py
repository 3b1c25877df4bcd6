"""Providers are checked each minute; keys have an age; two commands say how it stands."""

import os
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from csuite.analytics.models import LedgerEntry
from csuite.llm import conf
from csuite.providers import catalogue, checks, keyring
from csuite.providers.models import KeySeen, Price, ProviderHealth, ProviderSetting, Release
from csuite.providers.prices import RowPrices
from csuite.providers.tasks import check_providers
from csuite.tenants.models import Flag, Limit, Tenant
from csuite.tenants.scope import platform_scope
from tests.fake_provider.server import running_apart
from tests.providers.commands import ran, say

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "sk-CANARY-4f9a1d7c2b"


@pytest.fixture
def fake() -> Iterator[str]:
    """The only provider there is; costs nothing."""
    with running_apart() as url:
        row = {"base_url": url, "key_wanted": False, "model": "fake-20t", "title": "Fake", "free": True}
        with conf.override(PRIMARY="fake", FALLBACK="", ANALYST="", PROVIDERS={"fake": row}, DISCOVER=False):
            yield url


def down(name: str = "fake") -> Any:
    row = {"base_url": "http://127.0.0.1:9/v1", "key_wanted": False, "model": "m"}
    return conf.override(PROVIDERS={name: row}, PRIMARY=name)


def events() -> list[str]:
    from csuite.analytics import metrics

    return [
        str(sample.labels["event"])
        for metric in metrics.events.collect()
        for sample in metric.samples
        if sample.name.endswith("_total") and sample.value
        for _ in range(int(sample.value))
    ]


def test_a_check_keeps_who_answers_and_tells_only_of_changes(fake: str) -> None:
    before = events()
    checks.check()
    row = ProviderHealth.objects.get()
    assert (row.provider, row.ok, row.error) == ("fake", True, "")
    with down():
        checks.check()
        since = ProviderHealth.objects.get().since
        checks.check()
    row = ProviderHealth.objects.get()
    assert (row.ok, row.error, row.since) == (False, "connection", since)
    checks.check()
    assert ProviderHealth.objects.get().ok
    told = [name for name in events() if name in ("unhealthy", "healthy")]
    assert len(told) - len([name for name in before if name in ("unhealthy", "healthy")]) == 2


def test_the_job_of_each_minute_checks_all_and_logs_who_fails(fake: str, caplog: pytest.LogCaptureFixture) -> None:
    check_providers()
    assert "providers_unhealthy" not in caplog.text
    with down():
        check_providers()
    assert "providers_unhealthy" in caplog.text
    assert not ProviderHealth.objects.get().ok


def test_check_llm_names_everything_that_is_wrong_at_once(fake: str) -> None:
    row = ProviderSetting.objects.get(name="groq")
    row.base_url = "https://elsewhere.example/v1"
    row.save()
    Limit.objects.all().delete()
    Release.objects.all().delete()
    with down():
        checks.check()
        code, said = ran("check_llm")
    assert code == 1
    for words in (
        "groq: https://elsewhere.example/v1: not asked, for its host is not in LLM_ALLOWED_HOSTS",
        "fake: failed (connection) since ",
        "there are none",
        "none; settings and environment decide",
    ):
        assert words in said, said


def test_an_unhealthy_provider_is_known_to_the_next_call(fake: str) -> None:
    checks.check()
    assert catalogue.current("")[0].unhealthy == frozenset()
    with down():
        checks.check()
    assert catalogue.current("")[0].unhealthy == {"fake"}
    ProviderHealth.objects.update(checked_at=timezone.now() - timedelta(hours=1))
    assert catalogue.read().unhealthy == frozenset()  # nobody checks any more


def test_what_is_switched_off_or_moved_to_a_strange_host_is_not_asked(fake: str) -> None:
    ProviderSetting.objects.create(name="fake", base_url="https://elsewhere.example/v1")
    assert checks.configured() == []
    ProviderSetting.objects.update(base_url="", enabled=False)
    assert checks.configured() == []


def test_a_key_of_the_environment_ages_from_when_it_was_seen_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", CANARY)
    keyring.notice()
    KeySeen.objects.update(first_seen=timezone.now() - timedelta(days=91))
    keyring.notice()
    found = keyring.age("GROQ_API_KEY")
    assert found is not None
    assert found.is_old
    assert str(found) == "…7c2b, 91 days old: rotate it"
    monkeypatch.setenv("GROQ_API_KEY", CANARY + "x")
    keyring.notice()
    found = keyring.age("GROQ_API_KEY")
    assert found is not None
    assert str(found) == "…c2bx, 0 days old"
    row = KeySeen.objects.get()
    assert CANARY not in row.mark
    monkeypatch.delenv("GROQ_API_KEY")
    keyring.notice()
    assert not KeySeen.objects.exists()


def test_a_key_of_a_file_is_as_old_as_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_text(CANARY)
    old = timezone.now().timestamp() - 86_400 * 100
    os.utime(file, (old, old))
    monkeypatch.setenv("GROQ_API_KEY_FILE", str(file))
    found = keyring.age("GROQ_API_KEY")
    assert found is not None
    assert (found.is_old, found.last4) == (True, "7c2b")
    file.unlink()
    found = keyring.age("GROQ_API_KEY")
    assert found is not None
    assert found.unreadable


def test_check_llm_is_content_with_a_provider_whose_price_is_known(fake: str) -> None:
    code, said = ran("check_llm")
    assert code == 0, said
    for words in ("standard: fake/fake-20t", "cache     holds", "all closed", "chat 10/60 s", "0 fixed budgets"):
        assert words in said


def test_check_llm_fails_for_an_unknown_price_and_shows_no_key(fake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", CANARY)
    with conf.override(PRIMARY="groq", FALLBACK="fake"):
        monkeypatch.setenv("GROQ_MODEL", "never-heard-of")
        code, said = ran("check_llm")
        assert code == 1
        assert "problem  price     groq/never-heard-of: not known" in said
        assert "GROQ_API_KEY: …7c2b" in said
        assert "CANARY" not in said
        Price.objects.create(
            provider="groq", model="never-heard-of", input=Decimal(1), output=Decimal(1), source="t",
            valid_from="2020-01-01T00:00Z",
        )  # fmt: skip
        with conf.override(PRICES=RowPrices()):
            code, said = ran("check_llm")
        assert code == 0, said


def test_check_llm_says_that_the_kill_switch_is_on(fake: str) -> None:
    Flag.objects.update_or_create(name=catalogue.KILL_SWITCH, defaults={"everyone": True})
    with conf.override(ANALYST="csuite.llm.scripted.Script"):
        code, said = ran("check_llm", "--live")
    assert (code, "the kill switch is on" in said, "live" in said) == (0, True, False)


def test_check_llm_live_asks_each_provider_one_word_on_the_platforms_bill(fake: str) -> None:
    code, said = ran("check_llm", "--live")
    assert code == 0, said
    assert "fake/fake-20t: answered" in said
    with platform_scope("test"):
        row = LedgerEntry.objects.get()
    assert (row.kind, row.tenant_id, row.error_kind) == ("check", Tenant.objects.get(slug="csuite").id, "")
    with down():
        code, said = ran("check_llm", "--live")
    assert code == 1
    assert "problem  live" in said


def test_smoke_llm_asks_five_prompts_and_wants_figures_and_json(fake: str) -> None:
    right = (
        "It is revenue less direct costs.",
        "130",
        "Revenue rose.",
        '```json\n{"january": 120, "february": 130, "march": 150}\n```',
        '{"verdict": "bad", "reason": "price"}',
    )
    say(fake, *right)
    code, said = ran("smoke_llm")
    assert code == 0, said
    assert said.count("ok ") == 5
    with platform_scope("test"):
        assert LedgerEntry.objects.filter(kind="smoke").count() == 5


def test_smoke_llm_fails_for_wrong_figures_no_json_and_nobody(fake: str) -> None:
    wrong = ("It is revenue less direct costs.", "120", "Revenue rose.", "January was 120.", '{"verdict": "bad"}')
    say(fake, *wrong)
    code, said = ran("smoke_llm")
    assert code == 1
    assert "3 of 5 failed" in said
    with conf.override(PRIMARY="analyst", ANALYST="csuite.personas.analyst.Analyst"):
        code, said = ran("smoke_llm")
    assert code == 1
    assert said.count("no model answered, but the analyst") == 5
