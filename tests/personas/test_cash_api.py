"""`POST /cashflow/predict`, `GET /cashflow/explain`, and the same under /api/v1/."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from csuite.deals.models import Deal, Pipeline, Stage
from csuite.tenants import tokens
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def deals(cast: Cast) -> Cast:
    today = cast.acme.today()
    with tenant_scope(cast.acme.id):
        for name, reference, value in (("North", "D-1", Decimal(1000)), ("South", "D-2", None)):
            stage = Stage.objects.create(pipeline=Pipeline.objects.create(name=name), name="Order received")
            Deal.objects.create(reference=reference, stage=stage, value=value, entered_on=today - timedelta(days=3))
    return cast


def predict(cast: Cast, body: Any, root: str = "/cashflow", **headers: str) -> Any:
    client = cast.client() if headers else cast.client(cast.bob)
    return client.post(f"{root}/predict", body, content_type="application/json", headers=headers or None)


@pytest.mark.parametrize("root", ["/cashflow", "/api/v1/cashflow"])
def test_a_program_gets_dates_buckets_and_what_was_left_out(deals: Cast, root: str) -> None:
    _, secret = tokens.make(deals.member(deals.bob), "Report")
    response = predict(deals, {"granularity": "month", "horizon_days": 100}, root, Authorization=f"Bearer {secret}")
    assert response.status_code == 200, response.content
    found = response.json()
    (one,) = found["deals"]
    assert (one["id"], one["value"], one["decided_by"]) == ("D-1", "1000.00", "rule")
    assert one["invoice"]["on"] == (deals.acme.today() + timedelta(days=7)).isoformat()
    assert "Cycle time: 10 days" in one["reasoning"]
    paid = sum((Decimal(bucket["paid"]) for bucket in found["buckets"]), Decimal(found["metadata"]["beyond"]))
    assert paid == Decimal(found["metadata"]["expected"]) == Decimal(1000)
    assert found["left_out"] == [{"kind": "deal", "id": "D-2", "reason": "its value is not known"}]
    assert found["currency"] == "USD"


def test_one_pipeline_and_a_least_confidence_narrow_it(deals: Cast) -> None:
    assert [one["id"] for one in predict(deals, {"pipeline_name": "North"}).json()["deals"]] == ["D-1"]
    assert predict(deals, {"pipeline_name": "South"}).json()["deals"] == []
    sure = predict(deals, {"least_confidence": 0.9}).json()
    assert sure["deals"] == []
    assert "confidence 0.60, under 0.90" in str(sure["left_out"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"horizon_days": 0}, 400),
        ({"horizon_days": 5000}, 400),
        ({"granularity": "day"}, 400),
        ({"least_confidence": 2}, 400),
        ({"pipeline_name": "a\x00b"}, 400),
        ({"pipeline": "North"}, 400),
        ({"pipeline_name": "Nowhere"}, 404),
    ],
)
def test_what_makes_no_sense_is_a_problem(deals: Cast, body: Any, status: int) -> None:
    response = predict(deals, body)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


def test_a_forecast_is_explained_as_a_whole_by_deal_and_by_period(deals: Cast) -> None:
    client = deals.client(deals.bob)
    whole = client.get("/cashflow/explain").json()
    assert {"label": "Order received to invoice", "value": "10 days, by rule"} in whole["assumptions"]
    assert (whole["steps"], whole["parts"]) == ([], [])
    steps = client.get("/api/v1/cashflow/explain?kind=deal&id=D-1").json()["steps"]
    assert {"label": "Cycle time", "value": "10 days"} in steps
    buckets = predict(deals, {}).json()["buckets"]
    most = max(buckets, key=lambda bucket: Decimal(bucket["paid"]))
    assert client.get(f"/cashflow/explain?period={most['start']}").json()["parts"] == [
        {"kind": "deal", "id": "D-1", "paid": most["paid"]}
    ]
    for query in ("kind=deal&id=D-9", "kind=invoice&id=D-1", "period=2020-01-06", "pipeline_name=Nowhere"):
        assert client.get(f"/cashflow/explain?{query}").status_code == 404


def test_it_is_described_and_another_company_sees_nothing(deals: Cast) -> None:
    paths = deals.client(deals.bob).get("/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/cashflow/predict", "/api/v1/cashflow/explain"} <= paths.keys()
    stranger = deals.client(deals.charlie)
    assert stranger.post("/cashflow/predict", {}, content_type="application/json").json()["deals"] == []
    assert stranger.get("/cashflow/explain?kind=deal&id=D-1").status_code == 404
