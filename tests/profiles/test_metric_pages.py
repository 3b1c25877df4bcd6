"""The pages and the API of metrics (csuite/profiles/metric_pages.py, metric_api.py, values.py)."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from csuite.profiles.freshness import freshness
from csuite.profiles.models import Metric, MetricPoint, MetricRevision
from csuite.profiles.signals import metrics_imported
from csuite.profiles.values import NewValue, keep
from csuite.tenants import tokens
from csuite.tenants.models import AuditEntry
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast, visible
from tests.imports.driving import metric, points

pytestmark = pytest.mark.django_db

NEW = {"name": "Net retention", "unit": "percent", "good": "up", "aggregation": "last", "cadence": "quarterly",
       "target": "105", "owner": ""}  # fmt: skip


class Program:
    """A program with Bob's token."""

    def __init__(self, cast: Cast, who: str = "bob") -> None:
        self.headers = {"Authorization": f"Bearer {tokens.make(cast.member(getattr(cast, who)), 'Test')[1]}"}
        self.client = Client()

    def put(self, path: str, body: Any) -> Any:
        return self.client.put(f"/api/v1/metrics{path}", json.dumps(body), "application/json", headers=self.headers)

    def get(self, path: str = "") -> Any:
        return self.client.get(f"/api/v1/metrics{path}", headers=self.headers)


def test_a_metric_is_made_and_gets_its_first_value_by_hand(cast: Cast) -> None:
    browser: Any = cast.client(cast.bob)
    assert browser.post("/profile/metrics/", NEW).url == "/profile/metrics/net_retention/"
    browser.post("/profile/metrics/net_retention/", {"month": "Oct 2026", "value": "103.5 %", "note": ""})
    assert points(cast.member(cast.bob)) == [("net_retention", "2026-10", "", "103.5")]
    page = visible(browser.get("/profile/metrics/net_retention/"))
    assert "103.5%" in page
    assert "Entered by hand" in page
    assert '<svg class="chart__plot' in page
    with tenant_scope(cast.acme.id):
        assert AuditEntry.objects.filter(action__in=("metric.made", "metric.value")).count() == 2


def test_a_correction_keeps_what_was_there_and_who_replaced_it(cast: Cast) -> None:
    metric(cast.member(cast.bob), "people")
    browser = cast.client(cast.fiona)
    for value in ("140", "142", "142"):
        browser.post("/profile/metrics/people/", {"month": "2026-10", "value": value})
    page = visible(browser.get("/profile/metrics/people/"))
    assert "140 until" in page
    assert "by Fiona" in page
    with tenant_scope(cast.acme.id):
        assert [int(one.value) for one in MetricRevision.objects.all()] == [140]


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"month": "03/04/2026", "value": "1"}, "Write the month as 2026-10"),
        ({"month": "2026-10", "value": "much"}, "Write a number"),
        ({"month": "2026-10", "value": "1" * 20}, "Write a number"),
    ],
)
def test_a_value_that_cannot_be_read_is_refused_in_words(cast: Cast, sent: dict[str, str], words: str) -> None:
    metric(cast.member(cast.bob), "people")
    answer = cast.client(cast.bob).post("/profile/metrics/people/", sent)
    assert answer.status_code == 400
    assert words in visible(answer)
    assert points(cast.member(cast.bob)) == []


def test_a_metric_is_changed_and_its_key_stays(cast: Cast) -> None:
    browser = cast.client(cast.bob)
    browser.post("/profile/metrics/", NEW)
    owner = str(cast.fiona.id)
    browser.post("/profile/metrics/net_retention/", NEW | {"name": "Retention", "owner": owner, "target": ""})
    with tenant_scope(cast.acme.id):
        row = Metric.objects.get()
        assert (row.key, row.name, row.owner, row.target) == ("net_retention", "Retention", cast.fiona, None)
        assert AuditEntry.objects.get(action="metric.changed").detail["before"]["name"] == "Net retention"


def test_names_that_cannot_be_and_owners_of_other_companies_are_refused(cast: Cast) -> None:
    browser = cast.client(cast.bob)
    browser.post("/profile/metrics/", NEW)
    for wrong in ({"name": "net-retention"}, {"name": "!!!"}, {"owner": str(cast.charlie.id)}, {"unit": "apples"},
                  {"aggregation": "weighted"}):  # fmt: skip
        assert browser.post("/profile/metrics/", NEW | {"name": "Other"} | wrong).status_code == 400
    with tenant_scope(cast.acme.id):
        assert Metric.objects.count() == 1


def test_the_list_says_what_is_late(cast: Cast) -> None:
    row = metric(cast.member(cast.bob), "people")
    metric(cast.member(cast.bob), "cash")
    with tenant_scope(cast.acme.id):
        MetricPoint.objects.create(metric=row, period="2020-01-01", value=5)
    page = visible(cast.client(cast.bob).get("/profile/metrics/"))
    assert "days late" in page
    assert "No values yet" in page


@pytest.mark.parametrize(
    ("cadence", "newest", "today", "late"),
    [
        ("monthly", date(2026, 9, 1), date(2026, 11, 20), 0),
        ("monthly", date(2026, 9, 1), date(2026, 11, 21), 1),
        ("quarterly", date(2026, 9, 1), date(2027, 1, 20), 0),
        ("yearly", date(2025, 12, 1), date(2027, 1, 25), 5),
        ("monthly", None, date(2026, 11, 20), 0),
    ],
)
def test_a_value_is_late_when_its_period_is_over_and_the_books_had_time(
    cadence: str, newest: date | None, today: date, late: int
) -> None:
    assert freshness(cadence, newest, today).days_late == late


def test_a_program_stores_values_and_may_say_it_again(cast: Cast) -> None:
    program = Program(cast)
    assert program.put("/mrr", {"name": "MRR", "unit": "currency"}).json()["newest"] is None
    values: Any = {
        "values": [{"period": "2026-09", "value": "10.5"}, {"period": "2026-10-31", "value": 11, "line": "OEM"}]
    }
    assert program.put("/mrr/values", values).json() == {"new": 2, "corrected": 0, "same": 0}
    assert program.put("/mrr/values", values).json() == {"new": 0, "corrected": 0, "same": 2}
    values["values"][0]["value"] = "12"
    assert program.put("/mrr/values", values).json() == {"new": 0, "corrected": 1, "same": 1}
    assert [(one["period"], one["value"], one["line"]) for one in program.get("/mrr/values").json()] == [
        ("2026-09", "12", ""), ("2026-10", "11", "OEM"),
    ]  # fmt: skip
    (told,) = program.get().json()
    assert (told["key"], told["newest"], told["unit"]) == ("mrr", "2026-09", "currency")


@pytest.mark.parametrize(
    "body",
    [
        {"values": []},
        {"values": [{"period": "03/04/2026", "value": "1"}]},
        {"values": [{"period": "2026-10", "value": "NaN"}]},
        {"values": [{"period": "2026-10", "value": "1e30"}]},
        {"values": [{"period": "2026-10", "value": "1", "id": "x"}]},
        {"values": [{"period": "2026-10", "value": "1", "note": "a\x00b"}]},
        {"values": [{"period": "2026-10", "value": "1"}, {"period": "2026-10-02", "value": "2"}]},
        {"values": [{"period": "2026-10", "value": "1"}], "tenant": "x"},
    ],
)
def test_values_that_cannot_be_are_refused_and_nothing_is_stored(cast: Cast, body: Any) -> None:
    metric(cast.member(cast.bob), "people")
    answer = Program(cast).put("/people/values", body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert points(cast.member(cast.bob)) == []


def test_another_companys_metric_is_not_there(cast: Cast) -> None:
    metric(cast.member(cast.bob), "people")
    charlie = Program(cast, "charlie")
    value = {"values": [{"period": "2026-10", "value": "1"}]}
    assert charlie.put("/people/values", value).status_code == 404
    assert charlie.get("/people/values").status_code == 404
    assert charlie.get().json() == []
    assert charlie.put("/people", {"name": "Theirs", "unit": "count"}).status_code == 200
    assert cast.client(cast.charlie).get("/profile/metrics/people/").status_code == 200
    with tenant_scope(cast.acme.id):
        assert Metric.objects.get().name == "People"
    assert Program(cast).put("/A key", {"name": "x", "unit": "count"}).status_code == 400


def test_storing_is_told_once_it_is_committed(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    row, heard = metric(cast.member(cast.bob), "people"), []

    def listen(sender: Any, **said: Any) -> None:
        heard.append((said["tenant"], said["metrics"], said["periods"]))

    metrics_imported.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True), tenant_scope(cast.acme.id):
            keep(row, [NewValue(date(2026, 10, 1), Decimal(5))], None)
            keep(row, [NewValue(date(2026, 10, 1), Decimal(5))], None)
    finally:
        metrics_imported.disconnect(listen)
    assert heard == [(cast.acme.id, ["people"], [date(2026, 10, 1)])]
