"""Reports in the currency of the company: each day at its rate, and no slower where rates stand still."""

import io
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from csuite.analytics.models import ExchangeRate
from tests.analytics.booking import NOW, booked
from tests.analytics.test_reports import asked

pytestmark = pytest.mark.django_db


def test_costs_are_shown_in_the_currency_of_the_company_at_the_rate_of_their_day(cast: Any) -> None:
    cast.acme.currency = "EUR"
    cast.acme.save()
    booked(cast.acme.id, cost=Decimal(10), started_at=NOW - timedelta(days=5))
    booked(cast.acme.id, cost=Decimal(10))
    booked(cast.acme.id, cost=Decimal(1), currency="GBP")
    assert asked(cast, "cost-trend")["currency"] == "USD"  # no rate yet
    for day, rate in (("2026-11-01", "0.9"), ("2026-11-18", "0.8")):
        ExchangeRate.objects.create(source="USD", target="EUR", rate=Decimal(rate), valid_from=day)
    found = asked(cast, "cost-trend")
    assert (found["currency"], found["totals"]["cost"]) == ("EUR", "17.00")
    assert found["totals"]["other_costs"] == [{"currency": "GBP", "cost": "1.00"}]
    pounds = next(row for row in found["rows"] if row["currency"] == "GBP")
    assert pounds["share_of_cost"] is None


RATES = [  # (valid from, rate): none in May, one for all of June, moved in July and August, two of one day
    ("2026-06-01", "0.5"), ("2026-07-01", "0.6"), ("2026-07-20", "0.7"), ("2026-08-15", "9"), ("2026-08-15", "0.8"),
]  # fmt: skip
CALLS = ["2026-05-31", "2026-06-01", "2026-06-30", "2026-07-01", "2026-07-19", "2026-07-20", "2026-08-14",
         "2026-08-15", "2026-09-30", "2026-10-05"]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "granularity"), [("provider-comparison", ""), ("cost-trend", "day"), ("cost-trend", "month")]
)
def test_months_in_which_no_rate_moved_answer_as_such_and_the_sum_is_that_of_the_days(
    cast: Any, name: str, granularity: str
) -> None:
    cast.acme.currency = "EUR"
    cast.acme.save()
    for day, rate in RATES:
        ExchangeRate.objects.create(source="USD", target="EUR", rate=Decimal(rate), valid_from=day)
    wanted: dict[str, Decimal] = {}
    for n, day in enumerate(CALLS, 1):
        booked(cast.acme.id, cost=Decimal(n), started_at=datetime.fromisoformat(f"{day}T23:30:00+00:00"))
        rates = [(since, place, Decimal(rate)) for place, (since, rate) in enumerate(RATES) if since <= day]
        currency = "EUR" if rates else "USD"
        wanted[currency] = wanted.get(currency, Decimal(0)) + n * (max(rates)[2] if rates else 1)
    call_command("fill_rollups", stdout=io.StringIO())
    time: dict[str, Any] = {"from": "2026-05-15", "to": "2026-10-06"}
    found = asked(cast, name, granularity=granularity, **time)
    assert Decimal(found["totals"]["cost"]) == wanted["EUR"]
    assert [Decimal(one["cost"]) for one in found["totals"]["other_costs"]] == [wanted["USD"]]
    costs = [Decimal(row["cost"]) for row in found["rows"] if row["currency"] == "EUR"]
    assert sum(costs) == wanted["EUR"]
