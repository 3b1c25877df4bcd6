"""The admin's start page: rooms, and the state of things from the same figures as everywhere else."""

from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from csuite.analytics.alerts.finding import Finding
from csuite.analytics.alerts.keeping import raise_alert
from csuite.llm import conf
from csuite.llm.state import Failure, MemoryState
from csuite.pages.console.cost import money
from csuite.personas.models import PromptVersion
from csuite.providers.models import ProviderHealth
from csuite.tenants.admin_rooms import ROOM_OF, ROOMS
from csuite.tenants.models import Flag, PlatformAudit, Tenant
from csuite.tenants.models.tenant import PLATFORM_SLUG
from csuite.tenants.scope import tenant_scope
from tests.analytics.booking import booked
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
MOST_QUERIES = 40  # with session, person and both writes of the audit


def lines(cast: Cast) -> dict[str, dict[str, Any]]:
    """Panel -> label -> line."""
    response = cast.client(cast.root).get("/admin/")
    assert response.status_code == 200
    return {panel.title: {line.label: line for line in panel.lines} for panel in response.context["panels"]}


def test_every_table_of_the_admin_has_a_room() -> None:
    registered = {model._meta.label for model in admin.site._registry}
    assert registered - ROOM_OF.keys() == set(), "give these a room in csuite/tenants/admin_rooms.py"
    assert ROOM_OF.keys() - registered == set(), "these are gone from the admin"


def test_the_rooms_stand_in_their_order(cast: Cast) -> None:
    rooms = cast.client(cast.root).get("/admin/").context["app_list"]
    assert tuple(room["name"] for room in rooms) == ROOMS


def test_an_empty_installation_has_a_start_page(cast: Cast) -> None:
    found = lines(cast)
    assert found["Cost"]["Today"].value == "nothing"
    assert found["This month by company"] == {}
    assert found["Models without a price"]["This month"].tone == "good"
    assert found["Who answers"]["Kill switch"].value.startswith("off")
    assert PlatformAudit.objects.filter(action="platform_scope", detail__reason="admin start page").exists()


def test_what_was_spent_is_what_the_ledger_says(cast: Cast) -> None:
    now = timezone.now()
    for tenant, cost in ((cast.acme, "1.25"), (cast.acme, "2.50"), (cast.rival, "0.75")):
        booked(tenant.id, cost=Decimal(cost), started_at=now)
    booked(cast.rival.id, cost=None, started_at=now, model="unheard-of")
    found = lines(cast)
    assert found["Cost"]["Today"].value == "4.50 USD"
    assert found["Cost"]["Attempts at providers"].value == "4"
    assert found["This month by provider"]["openai"].value == "4.50 USD"
    assert [(label, line.value) for label, line in found["This month by company"].items()] == [
        ("Acme", "3.75 USD"),
        ("Rival", "0.75 USD"),
    ]
    assert found["Models without a price"]["openai: unheard-of"].tone == "bad"


def test_currencies_are_never_added_up() -> None:
    assert money({"USD": Decimal(2), "EUR": Decimal("1.5")}) == "1.50 EUR and 2.00 USD"


def test_the_kill_switch_is_seen(cast: Cast) -> None:
    Flag.objects.update_or_create(name="llm-off", defaults={"everyone": True})
    found = lines(cast)["Who answers"]
    assert (found["Kill switch"].tone, found["First"].value) == (
        "bad",
        "The built-in analyst, for the kill switch is on",
    )
    with conf.override(ENABLED=False):
        assert "LLM_ENABLED" in lines(cast)["Who answers"]["Kill switch"].value


def test_an_open_circuit_and_a_failed_check_are_seen(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-0123456789")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789ab")
    state = MemoryState()
    async_to_sync(state.failed)("groq", Failure("overloaded", 300.0, 5, 60.0, at_once=True), None)
    ProviderHealth.objects.create(
        provider="openai", ok=False, error="timeout", checked_at=timezone.now(), since=timezone.now()
    )
    with conf.override(STATE=state, PRIMARY="groq"):
        found = lines(cast)
    assert "circuit open (overloaded)" in found["Providers"]["Groq"].value
    assert found["Providers"]["OpenAI"].value == "the last check failed (timeout)"
    assert "its circuit is open" in found["Who answers"]["First"].value


def test_what_waits_is_counted(cast: Cast) -> None:
    platform = Tenant.objects.get(slug=PLATFORM_SLUG)
    for tenant, title in ((platform, "groq is down"), (cast.acme, "The budget is used up")):
        with tenant_scope(tenant.id):
            raise_alert(Finding("health", title, "down", title, "It is so."), timezone.now())
    PromptVersion.objects.create(name="persona.cfo", version=99, body="Hello", status=PromptVersion.Status.REVIEW)
    found = lines(cast)
    assert "groq is down" in found["Alerts"]
    assert found["Alerts"]["Open at companies"].value == "1"
    assert found["Prompts"]["Waiting for a review"].value == "1"


def test_the_start_page_asks_the_database_a_bounded_number_of_times(cast: Cast) -> None:
    def counted() -> int:
        browser = cast.client(cast.root)
        browser.get("/admin/")  # fills what is due, and keeps the catalogue
        with CaptureQueriesContext(
            connection,
        ) as caught:
            browser.get("/admin/")
        return len(caught)

    alone = counted()
    for n in range(12):
        booked(cast.acme.id, started_at=timezone.now(), model=f"model-{n}", provider=f"provider-{n}")
    assert counted() == alone <= MOST_QUERIES, alone
