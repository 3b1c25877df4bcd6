"""The tenant's forecast over its rows: what people and a model expect, and how long it is kept."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.utils import timezone

from csuite.deals.models import Customer, Deal, Expectation, Invoice, Note, Pipeline, Reading, Stage
from csuite.personas.cashbook import digest_of, read_cashbook
from csuite.personas.cashflow import Prediction
from csuite.personas.forecasts import Standing, data_version, standing
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(cast: Cast) -> date:
    return cast.acme.today()


@pytest.fixture
def deal(cast: Cast, today: date) -> Deal:
    with tenant_scope(cast.acme.id):
        stage = Stage.objects.create(pipeline=Pipeline.objects.create(name="Sales"), name="Order received")
        made: Deal = Deal.objects.create(reference="D-1", stage=stage, value=Decimal(1000), entered_on=today)
        return made


@pytest.fixture
def bill(cast: Cast, today: date) -> Invoice:
    with tenant_scope(cast.acme.id):
        made: Invoice = Invoice.objects.create(
            number="N-1", customer=Customer.objects.create(name="Halden"), issued_on=today, amount=Decimal(500),
            due_on=today + timedelta(days=30), promised_on=today + timedelta(days=40),
        )  # fmt: skip
        return made


def state(cast: Cast) -> Standing:
    with tenant_scope(cast.acme.id):
        return standing(cast.acme)


def predicted(cast: Cast) -> dict[str, Prediction]:
    return {one.id: one for one in state(cast).forecast(("", 91, "week", 0.0)).predictions}


def expect(cast: Cast, item: Deal | Invoice, **said: object) -> Expectation:
    about = {"deal": item} if isinstance(item, Deal) else {"invoice": item}
    with tenant_scope(cast.acme.id):
        made: Expectation = Expectation.objects.create(**about, made_by=cast.bob, reason="A call", **said)
        return made


def test_a_forecast_is_kept_until_a_row_changes(cast: Cast, deal: Deal, bill: Invoice) -> None:
    first = state(cast)
    assert state(cast) is first
    assert first.forecast(("", 91, "week", 0.0)) is first.forecast(("", 91, "week", 0.0))
    with tenant_scope(cast.acme.id):
        versions = [data_version(cast.acme.id)]
        for change in (
            lambda: Deal.objects.update(value=Decimal(7)),
            lambda: Deal.objects.update(value=Decimal(8)),
            lambda: Note.objects.create(deal=deal, text="x", written_on=timezone.localdate()),
            lambda: Note.objects.all().delete(),
        ):
            change()
            versions.append(data_version(cast.acme.id))
    assert all(one != following for one, following in pairwise(versions))
    assert versions[2] == versions[-1]  # the note is gone: all stands as it did
    assert state(cast) is not first
    assert predicted(cast)["D-1"].value == Decimal(8)


def test_another_company_has_a_forecast_of_its_own(cast: Cast, deal: Deal) -> None:
    assert predicted(cast)
    with tenant_scope(cast.rival.id):
        assert standing(cast.rival).forecast(("", 91, "week", 0.0)).predictions == ()


def test_the_newest_expectation_counts_until_it_is_taken_back(cast: Cast, deal: Deal, today: date) -> None:
    first = expect(cast, deal, amount=Decimal(600))
    second = expect(cast, deal, chance=Decimal("0.5"))
    assert (predicted(cast)["D-1"].value, predicted(cast)["D-1"].chance) == (Decimal(1000), 0.5)
    with tenant_scope(cast.acme.id):
        Expectation.objects.filter(pk=second.pk).update(undone_at=timezone.now())
    assert (predicted(cast)["D-1"].value, predicted(cast)["D-1"].chance) == (Decimal(600), 1.0)
    with tenant_scope(cast.acme.id):
        Expectation.objects.filter(pk=first.pk).update(undone_at=timezone.now(), made_by=None)
    assert predicted(cast)["D-1"].by_hand == ()


def test_a_promise_stays_beside_an_amount_that_somebody_expects(cast: Cast, bill: Invoice, today: date) -> None:
    assert predicted(cast)["N-1"].payment.on == today + timedelta(days=40)
    expect(cast, bill, amount=Decimal(450))
    found = predicted(cast)["N-1"]
    assert (found.value, found.payment.on) == (Decimal(450), today + timedelta(days=40))
    assert f"{cast.bob.display_name} and the customer's promise" in found.reasoning
    expect(cast, bill, payment_on=today + timedelta(days=50))
    assert predicted(cast)["N-1"].payment.on == today + timedelta(days=50)


def test_a_deal_without_a_value_counts_once_somebody_expects_an_amount(cast: Cast, deal: Deal) -> None:
    with tenant_scope(cast.acme.id):
        Deal.objects.update(value=None)
    assert (state(cast).cashbook.unvalued, predicted(cast)) == (("D-1",), {})
    expect(cast, deal, amount=Decimal(900))
    assert state(cast).cashbook.unvalued == ()
    assert predicted(cast)["D-1"].value == Decimal(900)


def test_what_a_model_read_counts_while_the_notes_stand_as_they_were(cast: Cast, deal: Deal, today: date) -> None:
    day = today + timedelta(days=33)
    with tenant_scope(cast.acme.id):
        Note.objects.create(deal=deal, text="They pay on that day", written_on=today)
        assert read_cashbook().unread == (deal.pk,)
        Reading.objects.create(
            deal=deal, digest=digest_of(["They pay on that day"]), invoice_on=day, confidence=0.9, model="big-1",
            prompt_version="cashflow.predict_dates.v1", reasoning="They pay on that day",
        )  # fmt: skip
    found = predicted(cast)["D-1"]
    assert (found.invoice.on, found.invoice.decided_by) == (day, "model")
    assert "Read by: big-1 with cashflow.predict_dates.v1" in found.reasoning
    assert state(cast).cashbook.unread == ()
    with tenant_scope(cast.acme.id):
        Note.objects.create(deal=deal, text="Forget that", written_on=today)
    assert predicted(cast)["D-1"].invoice.decided_by == "rule"
    assert state(cast).cashbook.unread == (deal.pk,)


def test_stages_of_selling_get_days_and_chances_by_their_place(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        home = Pipeline.objects.create(name="Sales")
        for place, (name, days) in enumerate((("Qualified", 20), ("Quoted", None), ("Order received", 10))):
            Stage.objects.create(pipeline=home, name=name, position=place, days=days)
        found = read_cashbook().assumptions.selling
    assert {name: (one.days, round(one.chance, 2)) for name, one in found.items()} == {
        "qualified": (50, 0.33), "quoted": (30, 0.67),
    }  # fmt: skip
