"""From the upload to the undoing (csuite/imports/running.py, writing.py, undoing.py), with metrics."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from csuite.imports import asking, running, tasks
from csuite.imports.models import ImportChange, ImportFile, ImportRun
from csuite.imports.tasks import sweep_imports
from csuite.profiles.models import Metric, MetricPoint, MetricRevision
from csuite.profiles.signals import metrics_imported
from csuite.tenants.models import AuditEntry
from csuite.tenants.problems import Problem
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.conftest import Cast
from tests.imports.driving import checked, committed, imported, metric, now, points, run_again, undone, uploaded
from tests.imports.files import BROKEN

pytestmark = pytest.mark.django_db
Status = ImportRun.Status

TABLE = b"Month,Revenue,Gross margin\n2026-08,$100.50,38.5%\n2026-09,$120.00,39%\n"
LATER = b"Month,Revenue,Gross margin\n2026-09,$125.00,39%\n2026-10,$130.00,40%\n"
LONG = b"metric;month;value\nRevenue;2026-08;1.000,50\nHeads;08/2026;12\nRevenue;2026-09;1.100,00\n"


def test_a_table_becomes_metrics_with_their_months(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    run = imported(bob, "metrics", TABLE)
    assert run.status == Status.DONE
    assert run.counts == {
        "metrics": {"new": 2, "changed": 0, "same": 0},
        "metric points": {"new": 4, "changed": 0, "same": 0},
    }
    assert points(bob) == [
        ("gross_margin", "2026-08", "", "38.5"),
        ("gross_margin", "2026-09", "", "39"),
        ("revenue", "2026-08", "", "100.5"),
        ("revenue", "2026-09", "", "120"),
    ]
    with tenant_scope(bob.tenant_id):
        assert dict(Metric.objects.values_list("key", "unit")) == {"revenue": "currency", "gross_margin": "percent"}
        point = MetricPoint.objects.get(metric__key="revenue", period="2026-08-01")
        assert (str(point.as_of), point.source) == ("2026-08-31", "figures.csv")
        assert not ImportFile.objects.exists()
        entry = AuditEntry.objects.get(action="import.committed")
        assert (entry.user, entry.target, entry.detail["file"]) == (cast.bob, str(run.id), "figures.csv")


def test_one_value_a_row_finds_metrics_by_key_name_and_synonym(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    metric(bob, "people", name="People", synonyms=["heads"])
    assert imported(bob, "values", LONG).status == Status.DONE
    assert points(bob) == [
        ("people", "2026-08", "", "12"), ("revenue", "2026-08", "", "1000.5"), ("revenue", "2026-09", "", "1100"),
    ]  # fmt: skip


def test_two_names_of_one_metric_do_not_make_two_values_of_a_month(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    metric(bob, "people", synonyms=["heads"])
    run = checked(bob, "values", b"metric,month,value\npeople,2026-08,1\nheads,2026-08,2\n")
    assert run.errors == [{"row": 3, "column": "", "message": "Row 2 has a value of the same metric and month."}]


def test_checking_writes_nothing_and_tells_what_would_be_written(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    run = checked(bob, "metrics", TABLE)
    assert run.counts["metric points"] == {"new": 4, "changed": 0, "same": 0}
    assert run.preview[0] == {"row": 2, "values": ["2026-08-01", "100.5", "38.5"]}
    assert points(bob) == []
    with tenant_scope(bob.tenant_id):
        assert not Metric.objects.exists()
        assert not ImportChange.objects.exists()


def test_rows_that_are_wrong_keep_all_rows_out(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    run = checked(bob, "metrics", b"Month,Revenue\n2026-08,1\nsoon,2\n2026-09,many\n2026-10,3\n", fields={
        0: "month", 1: "new:Revenue"})  # fmt: skip
    assert (run.status, run.wrong) == (Status.CHECKED, 2)
    assert run.errors == [
        {"row": 3, "column": "Month", "message": "“soon” is no date."},
        {"row": 4, "column": "Revenue", "message": "“many” is no number."},
    ]
    with tenant_scope(bob.tenant_id), pytest.raises(Problem, match="Nothing is imported until all can be"):
        asking.commit(bob, asking.held_for(bob, run.id, Status.CHECKED))
    assert points(bob) == []


def test_broken_files_end_with_their_reason_and_nothing_of_them_stays(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    for name, data, message in BROKEN.values():
        run = uploaded(bob, "metrics", data, name)
        assert run.status == Status.FAILED
        assert message in run.message
    assert points(bob) == []


def test_the_same_file_is_imported_once(cast: Cast) -> None:
    bob, alice = cast.member(cast.bob), cast.member(cast.alice)
    first = imported(bob, "metrics", TABLE)
    assert uploaded(alice, "metrics", TABLE).id == first.id
    other = checked(alice, "values", LONG)
    assert other.id != first.id


def test_two_that_were_checked_at_once_are_committed_once(cast: Cast) -> None:
    bob, alice = cast.member(cast.bob), cast.member(cast.alice)
    one, other = checked(bob, "metrics", TABLE), checked(alice, "metrics", TABLE)
    committed(bob, one)
    with tenant_scope(alice.tenant_id), pytest.raises(Problem, match="imported already"):
        asking.commit(alice, asking.held_for(alice, other.id, Status.CHECKED))
    assert len(points(bob)) == 4


def test_a_file_with_the_same_content_changes_nothing_and_a_newer_one_corrects(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    imported(bob, "metrics", TABLE)
    same = imported(bob, "metrics", TABLE + b"\n", "again.csv")
    assert same.counts["metric points"] == {"new": 0, "changed": 0, "same": 4}
    later = imported(bob, "metrics", LATER, "later.csv")
    assert later.counts["metric points"] == {"new": 2, "changed": 1, "same": 1}
    assert later.counts["earlier values"]["new"] == 1
    with tenant_scope(bob.tenant_id):
        revision = MetricRevision.objects.get()
        assert (revision.value, revision.source, revision.replaced_by) == (Decimal(120), "figures.csv", cast.bob)
        assert revision.point.value == Decimal(125)
        assert revision.point.source == "later.csv"


def test_undoing_brings_back_exactly_what_was_there(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    imported(bob, "metrics", TABLE)
    before = everything(cast)
    later = imported(bob, "metrics", LATER + b"2026-11,1,2\n", "later.csv")
    assert everything(cast) != before
    assert undone(bob, later).status == Status.UNDONE
    assert everything(cast) == before


def everything(cast: Cast) -> dict[str, list[dict[str, Any]]]:
    with tenant_scope(cast.acme.id):
        return {
            model.__name__: list(model.objects.order_by("id").values())
            for model in (Metric, MetricPoint, MetricRevision)
        }


def test_an_undone_file_can_be_imported_again(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    first = imported(bob, "metrics", TABLE)
    undone(bob, first)
    assert points(bob) == []
    assert imported(bob, "metrics", TABLE).id != first.id
    assert len(points(bob)) == 4


def test_undoing_is_refused_where_somebody_changed_a_row_since_and_names_it(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    run = imported(bob, "metrics", TABLE)
    with tenant_scope(bob.tenant_id):
        MetricPoint.objects.filter(metric__key="revenue", period="2026-09-01").update(value=7)
        Metric.objects.filter(key="gross_margin").update(name="Margin")
    before = everything(cast)
    after = undone(bob, run)
    assert after.status == Status.DONE
    assert "2026-09: 7.0000 was changed since (value)" in after.message
    assert "Metric Margin was changed since (name)" in after.message
    assert everything(cast) == before


def test_undoing_is_refused_while_something_else_uses_what_would_go(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    run = imported(bob, "metrics", TABLE)
    with tenant_scope(bob.tenant_id):
        revenue = Metric.objects.get(key="revenue")
        MetricPoint.objects.create(metric=revenue, period="2026-10-01", value=5)
    after = undone(bob, run)
    assert after.status == Status.DONE
    assert "Metric Revenue is used by metric point 2026-10: 5.0000." in after.message
    assert len(points(bob)) == 5


def test_a_row_that_somebody_removed_since_does_not_stop_the_undoing(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    run = imported(bob, "metrics", TABLE)
    with tenant_scope(bob.tenant_id):
        MetricPoint.objects.filter(period="2026-09-01").delete()
    assert undone(bob, run).status == Status.UNDONE
    assert points(bob) == []


def test_what_was_imported_is_announced_and_so_is_its_undoing(cast: Cast) -> None:
    bob, heard = cast.member(cast.bob), []

    def listen(sender: Any, **said: Any) -> None:
        heard.append((said["tenant"], said["metrics"], [f"{day:%Y-%m}" for day in said["periods"]]))

    metrics_imported.connect(listen)
    try:
        run = imported(bob, "metrics", TABLE)
        undone(bob, run)
    finally:
        metrics_imported.disconnect(listen)
    assert heard == [(bob.tenant_id, ["gross_margin", "revenue"], ["2026-08", "2026-09"]), (bob.tenant_id, [], [])]


def test_a_step_that_fails_leaves_nothing_is_begun_again_and_given_up_in_the_end(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = cast.member(cast.bob)
    run = checked(bob, "metrics", TABLE)
    with tenant_scope(bob.tenant_id):
        asking.commit(bob, asking.held_for(bob, run.id, Status.CHECKED))
    monkeypatch.setattr(running, "record", None)  # the last thing that writing does
    for attempt in range(1, running.MOST_ATTEMPTS + 1):
        run = run_again(bob, run.id)
        assert (run.status, run.attempts) == (Status.WRITING, attempt)
        assert points(bob) == []
    run = run_again(bob, run.id)
    assert run.status == Status.FAILED
    assert "could not be finished" in run.message
    assert points(bob) == []


def test_the_sweeper_takes_up_what_a_dead_worker_left_and_leaves_the_rest(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = cast.member(cast.bob)
    run = checked(bob, "metrics", TABLE)
    with tenant_scope(bob.tenant_id):
        asking.commit(bob, asking.held_for(bob, run.id, Status.CHECKED))
    taken: list[tuple[str, str]] = []
    monkeypatch.setattr(tasks.run_import, "delay", lambda *ids: taken.append(ids))
    sweep_imports()
    assert taken == []
    with tenant_scope(bob.tenant_id):
        ImportRun.objects.filter(id=run.id).update(step_at=timezone.now() - timedelta(minutes=1))
    sweep_imports()
    assert taken == [(str(bob.tenant_id), str(run.id))]
    tasks.run_import(*taken[0])
    assert now(bob, run.id).status == Status.DONE
    tasks.run_import(*taken[0])
    assert len(points(bob)) == 4


def test_what_nobody_finishes_is_forgotten_and_old_imports_cannot_be_undone(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    left, old = checked(bob, "values", LONG), imported(bob, "metrics", TABLE)
    with platform_scope("test"):
        ImportRun.objects.update(step_at=timezone.now() - timedelta(days=100))
    sweep_imports()
    with tenant_scope(bob.tenant_id):
        assert not ImportRun.objects.filter(id=left.id).exists()
        assert not asking.can_undo(asking.run_of(old.id))


def test_a_job_of_who_was_removed_meanwhile_is_not_done(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    run = checked(bob, "metrics", TABLE)
    with tenant_scope(bob.tenant_id):
        asking.commit(bob, asking.held_for(bob, run.id, Status.CHECKED))
    cast.bob.memberships.update(is_active=False)
    run = run_again(bob, run.id)
    assert run.status == Status.FAILED
    assert points(bob) == []


def test_rows_that_became_wrong_after_the_check_stop_the_import(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    metric(bob, "one")
    run = checked(bob, "values", b"metric,month,value\none,2026-08,1\ntwo,2026-08,2\n")
    with tenant_scope(bob.tenant_id):
        Metric.objects.filter(key="one").update(synonyms=["two"])
    run = committed(bob, run)
    assert (run.status, run.wrong) == (Status.CHECKED, 1)
    assert points(bob) == []


def test_a_person_cannot_pile_up_files(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = cast.member(cast.bob)
    monkeypatch.setattr(asking, "UNFINISHED", 1)
    uploaded(bob, "metrics", TABLE)
    with pytest.raises(Problem, match="not finished"):
        uploaded(bob, "metrics", LATER)
