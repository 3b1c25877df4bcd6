"""Which metric a goal means, also when the figures come after the goal; what a new metric is measured in."""

from datetime import date
from decimal import Decimal

import pytest

from csuite.personas.metric_names import metric_in
from csuite.profiles.figures import key_figures
from csuite.profiles.models import BusinessProfile, Goal, Metric
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast
from tests.imports.driving import checked, imported, undone

pytestmark = pytest.mark.django_db
FILE = b"""Month,Revenue,Gross margin,Freight cost,Sessions
2026-09,410000,41.2%,5200,2100
2026-10,420000,38.4%,6100,2200
"""


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("Gross margin of 42 %", "gross_margin_pct"),
        ("Turnover of $6m", "revenue"),
        ("Umsatz von 6 Mio.", "revenue"),
        ("No customer above 8 %", None),
    ],
)
def test_a_goal_names_its_metric_by_the_words_people_use(cast: Cast, title: str, key: str | None) -> None:
    with tenant_scope(cast.acme.pk):
        for one, name in (("revenue", "Revenue"), ("gross_margin_pct", "Gross margin"), ("margin", "Margin")):
            Metric.objects.create(key=one, name=name, unit="percent")
        found = metric_in(title)
    assert (found.key if found else None) == key


def test_goals_find_their_metrics_when_these_come_later(cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        profile = BusinessProfile.objects.create(status="published")
        for title, unit in (("Revenue of $6m", "currency"), ("A gross margin of 42 %", "percent"), ("Revenue", "days")):
            Goal.objects.create(
                profile=profile, key=title[:20].lower().replace(" ", "-"), title=title, target=Decimal(1), unit=unit,
                start=date(2026, 1, 1), deadline=date(2026, 12, 31),
            )  # fmt: skip
    run = imported(cast.member(cast.bob), "metrics", FILE)
    with tenant_scope(cast.acme.pk):
        found = {goal.title: goal.metric and goal.metric.key for goal in Goal.objects.select_related("metric")}
        units = dict(Metric.objects.values_list("key", "unit"))
        shown = [figure.key for figure in key_figures(date(2026, 11, 20))]
        low = Metric.objects.get(key="freight_cost").good
    assert found == {"Revenue of $6m": "revenue", "A gross margin of 42 %": "gross_margin", "Revenue": None}
    assert units == {"revenue": "currency", "gross_margin": "percent", "freight_cost": "currency", "sessions": "count"}
    assert (len(shown), low) == (4, "down")  # nobody has chosen what Home shows
    assert undone(cast.member(cast.bob), run).status == "undone"  # such a goal does not hold the metrics
    with tenant_scope(cast.acme.pk):
        assert not Metric.objects.exists()
        assert not Goal.objects.exclude(metric=None).exists()


def test_a_text_that_cannot_be_read_is_wrong_in_every_row(cast: Cast) -> None:
    rows = b"Metric,Month,Value\nCash,2026-01,1\nCash,2026-02,2\n" + b"".join(
        b"Cash,2026-%02d,%d\n" % (n, n) for n in range(3, 10)
    ) + b"Cash,soon,3\nCash,soon,4\n"  # fmt: skip
    run = checked(cast.member(cast.bob), "values", rows, fields={0: "metric", 1: "month", 2: "value"})
    assert [(one["row"], one["column"]) for one in run.errors] == [(11, "Month"), (12, "Month")]
