"""When detectors look at a tenant: after changes and every night, once, and again after a worker died."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from csuite.deals.signals import changed
from csuite.personas.findings import looking
from csuite.personas.models import InsightsDue
from csuite.personas.tasks import find_insights, sweep_insights, want_insights
from csuite.profiles import months, values
from csuite.tenants.models import Tenant
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.conftest import Cast
from tests.personas.test_findings import due, metric, open_ones, wanted_look

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tenants for which a task was started."""
    tenants: list[str] = []
    monkeypatch.setattr(find_insights, "delay", tenants.append)
    return tenants


@pytest.mark.django_db
def test_many_changes_start_one_look_and_those_after_it_wait_for_the_sweeper(cast: Cast, started: list[str]) -> None:
    for _ in range(50):
        changed.send(None, tenant=cast.acme.id)
    assert started == [str(cast.acme.id)]
    find_insights(started[0])
    assert due(cast).wanted_at is None
    changed.send(None, tenant=cast.acme.id)
    assert len(started) == 1  # it rests
    sweep_insights()
    assert len(started) == 1
    with tenant_scope(cast.acme.id):
        long_ago = timezone.now() - timedelta(minutes=5)
        InsightsDue.objects.update(began_at=long_ago, wanted_at=long_ago)
    sweep_insights()
    assert started == [str(cast.acme.id)] * 2


@pytest.mark.django_db
def test_a_value_that_is_stored_by_a_program_is_looked_at_once_it_is_committed(
    cast: Cast, started: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(cast.acme.id):
        row = metric()
        period = months.last_closed(cast.acme.today())
        values.keep(row, [values.NewValue(period, Decimal(5))], None)
        assert started == []
    assert started == [str(cast.acme.id)]


@pytest.mark.django_db
def test_a_change_is_not_lost_when_the_look_cannot_even_be_wanted(
    cast: Cast, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(tenant: UUID) -> bool:
        raise OSError("no database")

    monkeypatch.setattr("csuite.personas.findings.hearing.want", broken)
    changed.send(None, tenant=cast.acme.id)
    assert started == []


@pytest.mark.django_db
def test_a_look_that_fails_three_times_waits_for_the_next_change(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> Any:
        raise ValueError("a row that no detector expects")

    with monkeypatch.context() as patch:
        patch.setattr(looking, "of_metrics", broken)
        looking.want(cast.acme.id)
        assert [looking.look(cast.acme.id) for _ in range(4)] == [None] * 4
        assert due(cast).wanted_at is None
    assert looking.look(cast.acme.id) is None
    assert wanted_look(cast) is not None


@pytest.mark.django_db
def test_every_night_each_active_company_is_looked_at_once(cast: Cast) -> None:
    Tenant.objects.filter(pk=cast.rival.id).update(is_active=False)
    ahead = next(zone for zone in ("UTC", "Pacific/Auckland", "America/New_York") if _awake(cast.acme, zone))
    Tenant.objects.filter(pk=cast.acme.id).update(time_zone=ahead)
    assert looking.want_nightly() == 1
    looking.look(cast.acme.id)
    assert looking.want_nightly() == 0
    want_insights()
    assert due(cast).wanted_at is None
    with platform_scope("test"):
        assert InsightsDue.objects.count() == 1


def _awake(tenant: Tenant, zone: str) -> bool:
    tenant.time_zone = zone
    return tenant.now().hour >= looking.NIGHT


WORKER = """
import sys, time, uuid, django
django.setup()
from csuite.personas.findings import looking
def slow(*args):
    print("looking", flush=True)
    time.sleep(60)
looking.of_deals = slow
looking.look(uuid.UUID(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_look_that_is_killed_leaves_nothing_and_is_taken_up_by_the_sweeper(cast: Cast, started: list[str]) -> None:
    with tenant_scope(cast.acme.id):
        row = metric()
        values.keep(row, [values.NewValue(months.last_closed(cast.acme.today()), Decimal("38.3"))], None)
    assert started == [str(cast.acme.id)]  # on commit, when the scope's own transaction is over
    started.clear()
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(cast.acme.id)],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "csuite.settings"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    with process.stdout as said:
        assert any(b"looking" in line for line in said)
        assert looking.look(cast.acme.id) is None  # somebody is at it
        process.kill()
        process.wait()
    assert open_ones(cast) == []
    with tenant_scope(cast.acme.id):
        long_ago = timezone.now() - timedelta(minutes=5)
        InsightsDue.objects.update(began_at=long_ago, wanted_at=long_ago)
    sweep_insights()
    assert started == [str(cast.acme.id)]
    end, kept = time.monotonic() + PATIENCE, None
    while kept is None and time.monotonic() < end:  # the database may still be letting go of the dead one's lock
        looking.want(cast.acme.id)
        kept = looking.look(cast.acme.id)
        time.sleep(0.05)
    assert kept is not None
    assert kept.new == 1
    assert due(cast).wanted_at is None
