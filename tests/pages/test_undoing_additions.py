"""Undo of what was added to the settings: taken away again, unless it has a history or others build on it."""

from decimal import Decimal
from typing import Any

import pytest

from csuite.analytics.budgets.changing import create
from csuite.analytics.budgets.rows import Budget
from csuite.tenants import flag_settings
from csuite.tenants.models import AuditEntry, Flag, FlagOverride, Limit, PlatformAudit
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast
from tests.pages.test_undoing_settings import area, undo

pytestmark = pytest.mark.django_db


def add(cast: Cast, table: str, **fields: Any) -> None:
    response = cast.client(cast.root).post(f"/admin/{table}/add/", fields)
    assert response.status_code == 302, response.context["adminform"].errors


def test_a_limit_that_was_added_is_taken_away_again(cast: Cast) -> None:
    add(cast, "tenants/limit", name="chat", plan="gold", tenant="", amount="99", seconds="60")
    line = area(cast, "Limits")["chat: 99 in 60 s"]
    assert line.changed.startswith("root@csuite.example, ")
    assert undo(cast, line.undo).status_code == 302
    assert not Limit.objects.filter(plan="gold").exists()
    assert PlatformAudit.objects.filter(action="admin.delete").latest("pk").detail["before"]["amount"] == 99
    assert "was added" in PlatformAudit.objects.get(action="setting.undone").detail["setting"]
    assert undo(cast, line.undo).status_code == 409  # once


def test_what_was_changed_since_it_was_added_is_not_taken_away(cast: Cast) -> None:
    add(cast, "tenants/limit", name="chat", plan="gold", tenant="", amount="99", seconds="60")
    name = area(cast, "Limits")["chat: 99 in 60 s"].undo
    Limit.objects.filter(plan="gold").update(amount=5)
    answer = undo(cast, name)
    assert answer.status_code == 409
    assert "no more as it was added" in answer.content.decode()
    assert Limit.objects.filter(plan="gold").exists()


def test_a_flag_that_companies_have_chosen_is_not_taken_away(cast: Cast) -> None:
    add(cast, "tenants/flag", name="new-idea", note="", percent="", tenant_settable="on")
    name = area(cast, "Flags")["new-idea"].undo
    with tenant_scope(cast.acme.pk):
        flag_settings.choose(cast.member(cast.alice), "new-idea", True)
    answer = undo(cast, name)
    assert answer.status_code == 409
    assert "Other rows build on it" in answer.content.decode()
    with tenant_scope(cast.acme.pk):
        FlagOverride.objects.all().delete()
    assert undo(cast, name).status_code == 302
    assert not Flag.objects.filter(name="new-idea").exists()


def test_a_company_that_was_added_stays(cast: Cast) -> None:
    add(cast, "tenants/tenant", name="New", slug="new", plan="standard", currency="USD", time_zone="UTC",
        sign_in="password", is_active="on")  # fmt: skip
    line = area(cast, "Companies")["New"]
    assert (line.undo, line.changed[:19]) == ("", "root@csuite.example")
    entry = PlatformAudit.objects.get(action="admin.add", detail__name="New")
    assert undo(cast, f"platform:{entry.pk}").status_code == 409


def test_a_budget_that_was_made_is_taken_away_through_its_own_deed(cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        budget = Budget(amount=Decimal(100))
        create(budget, cast.fiona)
    name = area(cast, "Budgets")[str(budget)].undo
    with tenant_scope(cast.acme.pk):
        Budget.objects.update(amount=Decimal(7))
    assert undo(cast, name).status_code == 409
    with tenant_scope(cast.acme.pk):
        Budget.objects.update(amount=Decimal(100))
    assert undo(cast, name).status_code == 302
    with tenant_scope(cast.acme.pk):
        assert not Budget.objects.exists()
        assert AuditEntry.objects.filter(action="budget.removed", user=cast.root).exists()
