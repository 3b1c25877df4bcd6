"""A budget is raised for a while: by whom, why, at once, and until it ends by itself."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from csuite import llm
from csuite.analytics.budgets import raising
from csuite.analytics.budgets.standing import read
from csuite.analytics.models import Budget, BudgetRaise
from csuite.llm.errors import BudgetExceeded
from csuite.tenants.db import in_db
from csuite.tenants.models import AuditEntry
from csuite.tenants.scope import tenant_scope
from tests.analytics.booking import booked
from tests.analytics.money import ANSWER, asking, budget, counter, outcome, paid, setting
from tests.fake_provider import FakeProvider
from tests.fake_provider.fixture import fake_provider

__all__ = ["fake_provider"]


def form(**fields: Any) -> dict[str, Any]:
    until = timezone.now().date() + timedelta(days=3)
    return {"amount": "50", "until": until.isoformat(), "reason": "The board meets on Monday", **fields}


def raises(tenant: Any) -> list[BudgetRaise]:
    with tenant_scope(tenant.id):
        return list(BudgetRaise.objects.select_related("user"))


def audited(tenant: Any) -> list[AuditEntry]:
    with tenant_scope(tenant.id):
        return list(AuditEntry.objects.filter(action__startswith="budget.raise").order_by("at"))


def limit(of: Budget) -> Decimal | None:
    with tenant_scope(of.tenant_id):
        (standing,) = read(of.tenant_id, None)
        return standing.amount


@pytest.mark.django_db
def test_finance_raises_a_budget_until_a_day_and_it_is_in_the_audit(cast: Any) -> None:
    made = budget(cast.acme.id, "100")
    fiona = cast.client(cast.fiona)
    assert fiona.post(f"/usage/budgets/{made.id}/raise/", form()).status_code == 302
    (one,) = raises(cast.acme)
    last = timezone.now().date() + timedelta(days=4)
    assert (one.amount, one.user, one.reason) == (Decimal(50), cast.fiona, "The board meets on Monday")
    assert one.until.isoformat() == f"{last}T00:00:00+00:00"
    assert limit(made) == 150
    (entry,) = audited(cast.acme)
    assert (entry.action, entry.user, entry.target) == ("budget.raised", cast.fiona, str(made.id))
    assert (entry.detail["amount"], entry.detail["reason"]) == ("50", "The board meets on Monday")
    assert "$150.00" in (page := fiona.get("/usage/budgets/").content.decode())
    assert "with $50.00 more until" in page
    page = fiona.get(f"/usage/budgets/{made.id}/").content.decode()
    assert "The board meets on Monday" in page
    assert "Fiona" in page


@pytest.mark.django_db
def test_a_raise_is_ended_before_its_time_and_it_is_told_by_whom(cast: Any) -> None:
    made = budget(cast.acme.id, "100")
    cast.client(cast.fiona).post(f"/usage/budgets/{made.id}/raise/", form())
    (one,) = raises(cast.acme)
    alice = cast.client(cast.alice)
    for _ in range(2):
        assert alice.post(f"/usage/budgets/raises/{one.id}/end/").status_code == 302
    assert limit(made) == 100
    assert [(e.action, e.user) for e in audited(cast.acme)] == [
        ("budget.raised", cast.fiona), ("budget.raise_ended", cast.alice),
    ]  # fmt: skip
    assert "ended by Alice" in alice.get(f"/usage/budgets/{made.id}/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": ""}, {"amount": "0"}, {"amount": "-5"}, {"amount": "much"}, {"reason": " "}, {"reason": "x" * 301},
        {"until": ""}, {"until": "2020-01-01"}, {"until": "2999-01-01"}, {"until": "soon"},
    ],
)  # fmt: skip
def test_a_raise_without_an_amount_a_day_or_a_reason_is_none(cast: Any, wrong: dict[str, str]) -> None:
    made = budget(cast.acme.id, "100")
    answer = cast.client(cast.fiona).post(f"/usage/budgets/{made.id}/raise/", form(**wrong))
    assert answer.status_code == 400
    assert "field__error" in answer.content.decode()
    assert raises(cast.acme) == []


@pytest.mark.django_db
def test_what_has_no_limit_needs_no_raise(cast: Any) -> None:
    made = budget(cast.acme.id, None)
    fiona = cast.client(cast.fiona)
    assert fiona.post(f"/usage/budgets/{made.id}/raise/", form()).status_code == 400
    assert "Raise it for a while" not in fiona.get(f"/usage/budgets/{made.id}/").content.decode()
    assert raises(cast.acme) == []


@pytest.mark.django_db
def test_only_finance_and_admins_of_the_company_raise_or_end(cast: Any) -> None:
    made = budget(cast.acme.id, "100")
    with tenant_scope(cast.acme.id):
        one = raising.add(made, Decimal(5), timezone.now() + timedelta(days=1), "why", cast.fiona)
    for who, status in ((cast.bob, 403), (cast.charlie, 403), (None, 302)):
        browser = cast.client(who)
        assert browser.post(f"/usage/budgets/{made.id}/raise/", form()).status_code == status
        assert browser.post(f"/usage/budgets/raises/{one.id}/end/").status_code == status
    assert [found.amount for found in raises(cast.acme)] == [5]
    assert limit(made) == 105


@pytest.mark.django_db
def test_a_raise_counts_in_the_burn_of_the_month_and_warns_anew(cast: Any) -> None:
    made = budget(cast.acme.id, "1")
    booked(cast.acme.id, cost=Decimal("0.9"), started_at=timezone.now())
    with tenant_scope(cast.acme.id):
        made.counters.update(told=1)
        raising.add(made, Decimal("0.8"), timezone.now() + timedelta(days=1), "why", None)
        raising.add(made, Decimal("7.2"), timezone.now() - timedelta(days=1), "over already", None)
    assert counter(made).told == 0
    assert "50.0%" in cast.client(cast.fiona).get("/usage/").content.decode()


@pytest.mark.django_db(transaction=True)
async def test_a_raise_pays_the_next_question_and_ends_by_itself(cast: Any, fake_provider: FakeProvider) -> None:
    (company,) = await setting((cast.acme.id, str(ANSWER)))

    async def raised(seconds: float) -> None:
        until = timezone.now() + timedelta(seconds=seconds)
        await in_db(raising.add, company, ANSWER, until, "one more", None, tenant=cast.acme.id)

    with paid(fake_provider):
        assert await outcome(asking(cast.acme.id)) == "answered"
        assert await outcome(asking(cast.acme.id)) == "budget"
        await raised(-1)
        assert await outcome(asking(cast.acme.id)) == "budget"
        await raised(3600)
        assert await outcome(asking(cast.acme.id)) == "answered"
        with pytest.raises(BudgetExceeded, match=r"0\.04"):
            await llm.complete(asking(cast.acme.id))
        await in_db(lambda: BudgetRaise.objects.update(until=timezone.now()), tenant=cast.acme.id)
        assert await outcome(asking(cast.acme.id)) == "budget"
    assert (await sync_to_async(counter)(company)).spent == 2 * ANSWER
