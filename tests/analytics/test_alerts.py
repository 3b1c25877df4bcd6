"""What is wrong is told of once, with figures and cause, and once more when it is over."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.core import mail
from django.utils import timezone

from csuite.analytics.alerts import keeping, looking
from csuite.analytics.alerts.delivering import send_due
from csuite.analytics.alerts.finding import Finding
from csuite.analytics.alerts.rows import Alert, AlertChannel, AlertDelivery
from csuite.analytics.alerts.rules import RULES
from csuite.analytics.budgets.changing import create
from csuite.analytics.events import tell
from csuite.analytics.models import Budget
from csuite.analytics.tasks import check_alerts
from csuite.tenants.models import Tenant
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.analytics.booking import booked
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def alerts(tenant: UUID) -> list[Alert]:
    with tenant_scope(tenant):
        return list(Alert.objects.order_by("rule", "scope"))


def spend(cast: Cast, *costs: str, **fields: Any) -> None:
    for cost in costs:
        booked(cast.acme.id, cast.bob.id, cost=Decimal(cost), **{"started_at": timezone.now(), **fields})


def budget(tenant: UUID, amount: str) -> Budget:
    made = Budget(tenant_id=tenant, amount=Decimal(amount))
    with tenant_scope(tenant):
        create(made, None)
    return made


def test_ten_dollars_in_an_hour_are_told_of_with_who_spent_them(cast: Cast) -> None:
    spend(cast, "9.99")
    looking.look(cast.acme.id)
    assert alerts(cast.acme.id) == []
    spend(cast, "0.01", task="summarize")
    looking.look(cast.acme.id)
    (alert,) = alerts(cast.acme.id)
    assert (alert.rule, alert.title, alert.severity) == ("hourly_spend", "Spend above $10.00 in an hour", "serious")
    assert alert.text.startswith("$10.00 since ")
    assert "by Bob (100%)" in alert.text
    assert alerts(cast.rival.id) == [], "another company hears nothing of it"


def test_one_alert_for_each_scope_and_threshold_however_often_it_is_found(cast: Cast) -> None:
    spend(cast, "11")
    for _ in range(3):
        looking.look(cast.acme.id)
    spend(cast, "5")
    looking.look(cast.acme.id)
    (alert,) = alerts(cast.acme.id)
    assert alert.text.startswith("$16.00"), "it is kept up to date"
    with platform_scope("test"):
        assert AlertDelivery.objects.count() == 2, "Alice and Fiona are told once"


def test_a_budget_is_told_of_at_its_warning_and_at_its_end_and_a_raise_ends_it(cast: Cast) -> None:
    made = budget(cast.acme.id, "10")
    with tenant_scope(cast.acme.id):
        Budget.objects.filter(id=made.id).update(hard=False)
    spend(cast, "8")
    looking.look(cast.acme.id)
    (alert,) = alerts(cast.acme.id)
    assert (alert.threshold, alert.severity) == ("80%", "warning")
    assert "$8.00 of $10.00 is spent" in alert.text
    assert "a day" in alert.text
    spend(cast, "1", "0.99")
    looking.look(cast.acme.id)
    assert [one.threshold for one in alerts(cast.acme.id)] == ["80%"]
    spend(cast, "0.01")
    looking.look(cast.acme.id)
    known = {(one.rule, one.threshold): one.state for one in alerts(cast.acme.id)}
    assert known[("budget", "100%")] == "open"
    assert known[("budget", "80%")] == "over", "who knows of the end needs no warning"
    with tenant_scope(cast.acme.id):
        Budget.objects.filter(id=made.id).update(amount=Decimal(100))
    looking.look(cast.acme.id)
    assert {one.state for one in alerts(cast.acme.id) if one.rule == "budget"} == {"over"}


@pytest.mark.parametrize(("failed", "found"), [(1, False), (2, True)])
def test_more_than_five_in_a_hundred_failed_calls_are_told_of_with_their_kinds(
    cast: Cast, failed: int, found: bool
) -> None:
    spend(cast, *["0.001"] * (20 - failed))
    spend(cast, *["0"] * failed, error_kind="rate_limit")
    looking.look(cast.acme.id)
    rates = [one for one in alerts(cast.acme.id) if one.rule == "error_rate"]
    assert [one.title for one in rates] == (["openai errors at 10.0%"] if found else [])
    assert all("rate limit 2" in one.text for one in rates)


def test_few_calls_say_nothing_about_a_provider(cast: Cast) -> None:
    spend(cast, *["0"] * 19, error_kind="server_error", ttft_ms=60_000)
    looking.look(cast.acme.id)
    assert alerts(cast.acme.id) == []


def test_slow_first_texts_are_told_of(cast: Cast) -> None:
    spend(cast, *["0.001"] * 18)
    spend(cast, *["0.001"] * 2, ttft_ms=9000)
    looking.look(cast.acme.id)
    (alert,) = alerts(cast.acme.id)
    assert (alert.rule, alert.title) == ("latency", "openai is slow")


def test_calls_without_a_price_are_told_of_until_they_have_one(cast: Cast) -> None:
    booked(cast.acme.id, cost=None, currency="", started_at=timezone.now())
    looking.look(cast.acme.id)
    (alert,) = alerts(cast.acme.id)
    assert (alert.rule, alert.title) == ("unpriced", "gpt-4.1-mini has no price")
    assert "1 call has no price" in alert.text


def test_a_rule_that_fails_ends_no_alert_and_keeps_none_from_being_found(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    spend(cast, "11")
    booked(cast.acme.id, cost=None, currency="", started_at=timezone.now())
    looking.look(cast.acme.id)

    class Broken:
        name, quiet = "unpriced", 0

        def find(self, now: datetime) -> list[Finding]:
            raise RuntimeError("no")

    monkeypatch.setattr(keeping, "RULES", (Broken(), *RULES[:2]))
    spend(cast, "1")
    looking.look(cast.acme.id)
    assert {one.rule: one.state for one in alerts(cast.acme.id)} == {"hourly_spend": "open", "unpriced": "open"}


def test_what_is_over_is_told_of_once_and_may_come_again(cast: Cast) -> None:
    now = timezone.now()
    found = Finding("health", "provider:groq", "down", "groq is down", "It does not answer.")
    with tenant_scope(cast.acme.id):
        keeping.keep("health", [found], now, 60)
        keeping.keep("health", [], now + timedelta(seconds=30), 60)
        assert Alert.objects.get().state == "open", "a moment without it is not the end"
        keeping.keep("health", [], now + timedelta(seconds=61), 60)
        keeping.keep("health", [], now + timedelta(seconds=200), 60)
        assert Alert.objects.get().state == "over"
        keeping.keep("health", [found], now + timedelta(seconds=300), 60)
        assert sorted(one.state for one in Alert.objects.all()) == ["open", "over"]
        events = list(AlertDelivery.objects.filter(target="fiona@acme.example").values_list("event", flat=True))
    assert sorted(events) == ["raised", "raised", "recovered"]


def test_finance_and_admins_get_a_letter_with_the_figures_and_no_line_break_in_its_subject(cast: Cast) -> None:
    spend(cast, "11")
    check_alerts()
    assert sorted(letter.to[0] for letter in mail.outbox) == ["alice@acme.example", "fiona@acme.example"]
    (letter, _) = mail.outbox
    assert letter.subject == "csuite, Acme: Spend above $10.00 in an hour"
    assert "$11.00 since" in letter.body
    assert "/usage/alerts/" in letter.body
    check_alerts()
    assert len(mail.outbox) == 2, "once each"


def test_a_letter_that_cannot_be_sent_is_tried_again_and_given_up_in_the_end(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with tenant_scope(cast.acme.id):
        AlertChannel.objects.create(kind="email", target="ops@acme.example")
    spend(cast, "11")
    looking.look(cast.acme.id)
    for tries in range(1, 8):
        assert send_due() == 0
        with tenant_scope(cast.acme.id):
            row = AlertDelivery.objects.get()
            assert (row.tries, row.sent_at) == (tries, None)
            assert "Refused" in row.error
            assert (row.due_at is None) is (tries == 7)
            if row.due_at:
                assert row.due_at > timezone.now()
                AlertDelivery.objects.update(due_at=timezone.now())


def test_what_concerns_the_installation_is_told_to_its_staff(cast: Cast) -> None:
    looking.tell_staff("breaker_open", {"provider": "groq", "kind": "server_error", "seconds": 300, "alert": False})
    send_due()
    platform = Tenant.objects.get(slug="csuite")
    (alert,) = alerts(platform.pk)
    assert (alert.title, alert.severity) == ("groq is left alone", "warning")
    assert "server error" in alert.text
    assert [letter.to for letter in mail.outbox] == [["root@csuite.example"]]
    looking.tell_staff("breaker_closed", {"provider": "groq"})
    send_due()
    assert alerts(platform.pk)[0].state == "over"
    assert mail.outbox[-1].subject.startswith("csuite, csuite: Over: groq")


@pytest.mark.django_db(transaction=True)
async def test_an_event_of_the_model_layer_is_told_of_without_keeping_the_call(cast: Cast) -> None:
    await tell("breaker_open", provider="groq", kind="overloaded", seconds=300, alert=True)
    await asyncio.gather(*looking._running)
    platform = await sync_to_async(Tenant.objects.get)(slug="csuite")
    (alert,) = await sync_to_async(alerts)(platform.pk)
    assert alert.title == "groq is left alone"
    assert "overloaded" in alert.text
