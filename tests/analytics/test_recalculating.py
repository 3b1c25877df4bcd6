"""A missing price is entered, the month is recalculated: corrections stand beside the ledger and every page follows."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from csuite.analytics.models import CostCorrection, ExchangeRate, LedgerEntry, Recalculation
from csuite.analytics.recalculating import Wanted, recalculate
from csuite.llm.usage import Usage
from csuite.providers.models import Price
from csuite.tenants.models import AuditEntry, Limit, PlatformAudit
from csuite.tenants.scope import tenant_scope
from tests.analytics.booking import NOW, booked
from tests.analytics.money import budget, counter

pytestmark = pytest.mark.django_db

NOVEMBER = (NOW.replace(day=1, hour=0), NOW.replace(month=12, day=1, hour=0))


def unpriced(cast: Any, **fields: Any) -> Any:
    return booked(
        cast.acme.id, cast.bob.id, cost=None, price_version="", provider="mistral", model="medium-x",
        usage=Usage(prompt=1_000_000, completion=500_000), **fields,
    )  # fmt: skip


def price(amount: str = "2", **more: Any) -> Price:
    fields = {"provider": "mistral", "model": "medium-x", "input": amount, "output": "4", "source": "contract"}
    return Price.objects.create(**{**fields, "valid_from": NOW - timedelta(days=30), **more})


def run(cast: Any, **more: Any) -> Recalculation:
    with tenant_scope(cast.acme.id):
        return recalculate(Wanted(*NOVEMBER, "price entered", **more), cast.fiona)


def corrections(cast: Any) -> list[CostCorrection]:
    with tenant_scope(cast.acme.id):
        return list(CostCorrection.objects.order_by("id"))


def shown(cast: Any, page: str = "/usage/") -> str:
    return str(cast.client(cast.fiona).get(page, {"month": "2026-11"}).content.decode())


def test_calls_without_a_price_get_the_one_that_held_on_their_day(cast: Any) -> None:
    row = unpriced(cast)
    new = price()
    price("1000", valid_from=NOW + timedelta(days=1))
    act = run(cast)
    assert (act.checked, act.corrected, act.unpriced, act.reason) == (1, 1, 0, "price entered")
    (fixed,) = corrections(cast)
    assert (fixed.entry, fixed.cost, fixed.currency, fixed.price_version) == (
        row.id,
        Decimal(4),
        "USD",
        f"row {new.pk}",
    )
    assert fixed.cost_before is None
    for page in ("/usage/", "/usage/calls/"):
        assert "$4.00" in shown(cast, page)
        assert "no price" not in shown(cast, page)


def test_no_row_of_the_ledger_changes_and_no_correction_can_be_changed(cast: Any) -> None:
    row = unpriced(cast)
    price()
    run(cast)
    with tenant_scope(cast.acme.id):
        assert LedgerEntry.objects.get(id=row.id).cost is None
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            CostCorrection.objects.update(cost=0)


def test_twice_is_once(cast: Any) -> None:
    unpriced(cast)
    price()
    run(cast)
    again = run(cast)
    assert (again.checked, again.corrected, again.unpriced) == (1, 0, 0)
    assert len(corrections(cast)) == 1


def test_without_a_price_it_stays_unknown(cast: Any) -> None:
    unpriced(cast)
    act = run(cast)
    assert (act.checked, act.corrected, act.unpriced) == (1, 0, 1)
    assert "1 call has no price" in shown(cast)


def test_a_price_that_was_wrong_corrects_priced_calls_when_that_is_asked_for(cast: Any) -> None:
    booked(
        cast.acme.id, provider="mistral", model="medium-x", usage=Usage(prompt=1_000_000, completion=0), cost=Decimal(9)
    )
    price()
    assert run(cast).checked == 0
    act = run(cast, unpriced_only=False)
    assert act.corrected == 1
    assert corrections(cast)[0].cost_before == 9
    price("3")
    assert run(cast, unpriced_only=False).corrected == 1
    assert run(cast, unpriced_only=False).corrected == 0
    assert "$3.00" in shown(cast)


def test_the_budgets_that_run_follow_what_was_corrected(cast: Any) -> None:
    now = timezone.now()
    company = budget(cast.acme.id, "100")
    cmo = budget(cast.acme.id, "100", scope="persona", persona="cmo")
    bobs_day = budget(cast.acme.id, "100", scope="user", user=cast.bob.id, period="day")
    booked(cast.acme.id, cost=Decimal("0.5"), started_at=now)
    unpriced(cast, started_at=now)
    price()
    standing = [(one.spent, one.unpriced) for one in map(counter, (company, bobs_day))]
    assert standing == [(Decimal("0.5"), 1), (0, 1)]
    with tenant_scope(cast.acme.id):
        recalculate(Wanted(now - timedelta(hours=1), now + timedelta(hours=1), "price entered"), cast.fiona)
    standing = [(one.spent, one.unpriced) for one in map(counter, (company, bobs_day, cmo))]
    assert standing == [(Decimal("4.5"), 0), (4, 0), (0, 0)]
    late = budget(cast.acme.id, "100", period="day")  # one that is made afterwards counts the same
    assert counter(late).spent == Decimal("4.5")


def test_what_no_provider_bills_stays_so(cast: Any) -> None:
    booked(
        cast.acme.id, provider="mistral", model="medium-x", cost=Decimal(0), price_version="not billed",
        error_kind="overloaded",
    )  # fmt: skip
    price()
    assert run(cast, unpriced_only=False).checked == 0


def test_finance_recalculates_a_month_with_a_reason_and_it_is_in_the_audit(cast: Any) -> None:
    unpriced(cast)
    price()
    client = cast.client(cast.fiona)
    answer = client.post(
        "/usage/recalculate/", {"month": "2026-11", "reason": "Mistral's price came late"}, follow=True
    )
    assert "1 of 1 calls have a cost now." in answer.content.decode()
    assert "Mistral&#x27;s price came late" in answer.content.decode()
    with tenant_scope(cast.acme.id):
        entry = AuditEntry.objects.get(action="usage.recalculated")
    assert (entry.user, entry.detail["corrected"]) == (cast.fiona, 1)


@pytest.mark.parametrize(
    "form", [{}, {"month": "2026-11"}, {"month": "x", "reason": "y"}, {"month": "2026-11", "reason": " "}]
)
def test_without_a_month_or_a_reason_nothing_happens(cast: Any, form: dict[str, str]) -> None:
    assert cast.client(cast.fiona).post("/usage/recalculate/", form).status_code == 400
    assert corrections(cast) == []


def test_it_counts_as_a_large_operation(cast: Any) -> None:
    Limit.objects.create(name="expensive", tenant=cast.acme, amount=1, seconds=3600)
    client = cast.client(cast.fiona)
    form = {"month": "2026-11", "reason": "why not"}
    assert client.post("/usage/recalculate/", form).status_code == 302
    assert client.post("/usage/recalculate/", form).status_code == 429


def test_another_companys_calls_are_left_alone(cast: Any) -> None:
    booked(cast.rival.id, cost=None, provider="mistral", model="medium-x")
    price()
    assert run(cast).checked == 0


def from_the_admin(cast: Any, **form: str) -> Any:
    wanted = {
        "since_0": "2026-11-01", "since_1": "00:00:00", "until_0": "2026-12-01", "until_1": "00:00:00",
        "provider": "mistral", "model": "medium-x", "unpriced_only": "on", "reason": "price entered", **form,
    }  # fmt: skip
    return cast.client(cast.root).post("/admin/analytics/recalculation/add/", wanted)


def test_the_platform_recalculates_all_companies_at_once(cast: Any) -> None:
    unpriced(cast)
    booked(cast.rival.id, cost=None, provider="mistral", model="medium-x")
    price()
    assert from_the_admin(cast).status_code == 302
    for tenant in (cast.acme, cast.rival):
        with tenant_scope(tenant.id):
            assert CostCorrection.objects.count() == 1
            assert Recalculation.objects.get(corrected=1).user == cast.root
    assert PlatformAudit.objects.get(action="usage.recalculated").detail["corrected"] == 2


def test_the_platform_recalculates_one_company_alone(cast: Any) -> None:
    unpriced(cast)
    booked(cast.rival.id, cost=None, provider="mistral", model="medium-x")
    price()
    assert from_the_admin(cast, tenant=str(cast.rival.id)).status_code == 302
    assert corrections(cast) == []


def test_a_time_that_ends_before_it_begins_is_refused(cast: Any) -> None:
    assert b"must lie after the beginning" in from_the_admin(cast, until_0="2026-10-01").content


def test_an_exchange_rate_is_entered_and_its_author_kept(cast: Any) -> None:
    form = {"source": "USD", "target": "EUR", "rate": "0.9", "valid_from": "2026-11-01"}
    assert cast.client(cast.root).post("/admin/analytics/exchangerate/add/", form).status_code == 302
    assert ExchangeRate.objects.get().entered_by == cast.root
