"""An import from the upload to its end, without a browser."""

from typing import Any
from uuid import UUID

from csuite.imports import asking, mapping, running
from csuite.imports.mapping import Chosen
from csuite.imports.models import ImportRun
from csuite.imports.targets import target_of
from csuite.profiles.models import Metric, MetricPoint
from csuite.tenants.models import Membership
from csuite.tenants.scope import tenant_scope

Status = ImportRun.Status


def run_again(member: Membership, run_id: UUID) -> ImportRun:
    """Does the step that waits, as a worker does, and gives the run as it is then."""
    running.work(member.tenant_id, run_id)
    return now(member, run_id)


def now(member: Membership, run_id: UUID) -> ImportRun:
    with tenant_scope(member.tenant_id):
        return asking.run_of(run_id)


def uploaded(member: Membership, target: str, data: bytes, name: str = "figures.csv") -> ImportRun:
    found = target_of(target)
    assert found is not None
    with tenant_scope(member.tenant_id):
        run, _ = asking.begin(member, found, name, data)
    return run_again(member, run.id) if run.status == Status.READING else run


def checked(
    member: Membership, target: str, data: bytes, name: str = "figures.csv", ways: dict[int, str] | None = None,
    fields: dict[int, str] | None = None,
) -> ImportRun:  # fmt: skip
    """With the columns that are suggested, or with these."""
    run = uploaded(member, target, data, name)
    assert run.status == Status.MAPPING, run.message
    with tenant_scope(member.tenant_id):
        run = asking.held_for(member, run.id, Status.MAPPING)
        offered = running.target_for(run).fields(run.columns)
        said = Chosen(mapping.suggested(run.columns, offered) if fields is None else fields, ways or {})
        assert asking.choose(run, said) == {}
    return run_again(member, run.id)


def committed(member: Membership, run: ImportRun) -> ImportRun:
    with tenant_scope(member.tenant_id):
        asking.commit(member, asking.held_for(member, run.id, Status.CHECKED))
    return run_again(member, run.id)


def imported(member: Membership, target: str, data: bytes, name: str = "figures.csv", **more: Any) -> ImportRun:
    run = checked(member, target, data, name, **more)
    assert (run.status, run.errors) == (Status.CHECKED, []), run.message
    return committed(member, run)


def undone(member: Membership, run: ImportRun) -> ImportRun:
    with tenant_scope(member.tenant_id):
        asking.held_for(member, run.id, Status.DONE).step(Status.UNDOING)
    return run_again(member, run.id)


def points(member: Membership) -> list[tuple[str, str, str, str]]:
    """(metric, month, line, value) of everything that is stored."""
    with tenant_scope(member.tenant_id):
        rows = MetricPoint.objects.order_by("metric__key", "period", "line").select_related("metric")
        return [(r.metric.key, f"{r.period:%Y-%m}", r.line, format(r.value.normalize(), "f")) for r in rows]


def metric(member: Membership, key: str, **fields: Any) -> Metric:
    with tenant_scope(member.tenant_id):
        made: Metric = Metric.objects.create(
            **{"key": key, "name": key.replace("_", " ").title(), "unit": "count"} | fields
        )
        return made
