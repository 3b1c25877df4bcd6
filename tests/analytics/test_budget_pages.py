"""Finance makes, changes and removes budgets on a page; what was before and after is in the audit."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from csuite.analytics.models import Budget
from csuite.tenants.models import AuditEntry
from csuite.tenants.scope import tenant_scope
from tests.analytics.booking import booked
from tests.analytics.money import budget, counter

pytestmark = pytest.mark.django_db

FORM = {"whom": "tenant", "period": "month", "amount": "550", "at_limit": "hard", "warn_at": "80"}


def only(tenant: Any) -> Budget:
    with tenant_scope(tenant.id):
        found: Budget = Budget.objects.get()
        return found


def audited(tenant: Any) -> list[tuple[str, dict[str, Any]]]:
    with tenant_scope(tenant.id):
        return [(e.action, e.detail) for e in AuditEntry.objects.filter(action__startswith="budget.").order_by("at")]


def test_a_budget_is_made_changed_and_removed_and_all_of_it_is_audited(cast: Any) -> None:
    fiona = cast.client(cast.fiona)
    assert fiona.post("/usage/budgets/", FORM).status_code == 302
    made = only(cast.acme)
    assert (made.scope, str(made.amount), made.hard, str(made.warn_at)) == ("tenant", "550.0000", True, "0.800")
    page = fiona.get("/usage/budgets/").content.decode()
    assert "$550.00" in page
    changed = {"amount": "600.50", "at_limit": "soft", "warn_at": "", "step_down_at": "90", "step_down_to": "bulk"}
    assert fiona.post(f"/usage/budgets/{made.id}/", changed).status_code == 302
    now = only(cast.acme)
    assert (now.amount, now.hard, now.warn_at) == (Decimal("600.5"), False, None)
    assert (now.step_down_at, now.step_down_to) == (Decimal("0.9"), "bulk")
    assert fiona.post(f"/usage/budgets/{made.id}/remove/").status_code == 302
    (one, made_detail), (two, detail), (three, gone) = audited(cast.acme)
    assert (one, two, three) == ("budget.created", "budget.changed", "budget.removed")
    assert (made_detail["after"]["amount"], detail["before"]["amount"], detail["after"]["amount"]) == (
        "550", "550", "600.5",
    )  # fmt: skip
    assert gone["before"]["hard"] is False


def test_no_limit_is_a_choice_and_an_empty_amount_is_none(cast: Any) -> None:
    fiona = cast.client(cast.fiona)
    assert fiona.post("/usage/budgets/", {**FORM, "amount": ""}).status_code == 400
    assert fiona.post("/usage/budgets/", {**FORM, "amount": "5,50"}).status_code == 400
    assert fiona.post("/usage/budgets/", {**FORM, "amount": "", "unlimited": "on"}).status_code == 302
    assert only(cast.acme).amount is None
    assert "no limit" in fiona.get("/usage/budgets/").content.decode()


def test_a_second_budget_for_the_same_is_refused_with_a_sentence(cast: Any) -> None:
    fiona = cast.client(cast.fiona)
    for status in (302, 400):
        answer = fiona.post("/usage/budgets/", {**FORM, "whom": f"user:{cast.bob.id}"})
        assert answer.status_code == status
    assert "There is a budget for the same" in answer.content.decode()
    assert only(cast.acme).user == cast.bob.id


def test_whom_nobody_knows_gets_no_budget(cast: Any) -> None:
    fiona = cast.client(cast.fiona)
    for whom in (f"user:{cast.charlie.id}", "persona:nobody", "rival"):
        assert fiona.post("/usage/budgets/", {**FORM, "whom": whom}).status_code == 400


def test_saving_needs_both_a_share_and_who_answers_then(cast: Any) -> None:
    fiona = cast.client(cast.fiona)
    for half in ({"step_down_at": "90"}, {"step_down_to": "bulk"}):
        answer = fiona.post("/usage/budgets/", {**FORM, **half})
        assert answer.status_code == 400
        assert "Say both" in answer.content.decode()


def test_the_page_shows_what_is_spent_held_and_left(cast: Any) -> None:
    made = budget(cast.acme.id, "10", scope="persona", persona="cfo")
    with tenant_scope(cast.acme.id):
        made.counters.update(spent=Decimal("8.5"), held=Decimal("0.5"), unpriced=3)
    page = cast.client(cast.alice).get("/usage/budgets/").content.decode()
    for words in ("85%", "$8.50", "$0.50", "$1.00", "3 unpriced"):
        assert words in page


@pytest.mark.parametrize(("amount", "share"), [("550", "0.1%"), ("0.25", "200.0%"), ("0", "100.0%")])
def test_the_usage_page_shows_how_much_of_the_months_budget_is_used(cast: Any, amount: str, share: str) -> None:
    budget(cast.acme.id, amount)
    booked(cast.acme.id, cost=Decimal("0.5"), started_at=datetime.now(UTC))
    page = cast.client(cast.fiona).get("/usage/")
    assert page.status_code == 200
    assert share in page.content.decode()


def test_a_raised_budget_tells_again_when_it_comes_to_that(cast: Any) -> None:
    made = budget(cast.acme.id, "0.01")
    booked(cast.acme.id, cost=Decimal("0.02"), started_at=made.created_at)
    with tenant_scope(cast.acme.id):
        made.counters.update(spent=Decimal("0.02"), told=2)
    cast.client(cast.fiona).post(f"/usage/budgets/{made.id}/", {"amount": "5", "at_limit": "hard", "warn_at": "80"})
    assert counter(made).told == 0


def test_a_change_of_nothing_is_no_change(cast: Any) -> None:
    made = budget(cast.acme.id, "5", warn_at=None)
    form = {"amount": "5", "at_limit": "hard"}
    assert cast.client(cast.fiona).post(f"/usage/budgets/{made.id}/", form).status_code == 302
    assert [action for action, _ in audited(cast.acme)] == ["budget.created"]
