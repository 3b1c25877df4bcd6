"""A worker that is killed in the middle of a large import, and how long a large one takes."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from csuite.deals.models import Deal
from csuite.imports import asking, running
from csuite.imports.models import ImportChange, ImportRun
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast
from tests.imports.driving import checked, committed, now, run_again

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # seconds
WORKER = """
import sys, uuid, django
django.setup()
from csuite.imports.running import work
work(uuid.UUID(sys.argv[1]), uuid.UUID(sys.argv[2]))
"""


def deals(count: int) -> bytes:
    lines = (
        f"D-{n},Owner {n % 30},Account {n % 85},2026-{n % 12 + 1:02}-{n % 28 + 1:02},{('Quoted', 'Won')[n % 2]},{n}.50"
        for n in range(count)
    )
    return ("deal_id,owner,account,engaged_on,stage,value\n" + "\n".join(lines)).encode()


def worker(run: ImportRun) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(run.tenant_id), str(run.id)],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "csuite.settings"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_nothing_and_the_next_one_does_all_of_it(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    run = checked(bob, "deals", deals(20_000))
    with tenant_scope(bob.tenant_id):
        asking.commit(bob, asking.held_for(bob, run.id, ImportRun.Status.CHECKED))
    run = now(bob, run.id)
    process = worker(run)
    end = time.monotonic() + PATIENCE
    while running.progress(run) == 0 and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    assert running.progress(run) > 0, "it never began"
    process.kill()
    process.wait()
    with tenant_scope(bob.tenant_id):
        assert Deal.objects.count() == 0
        assert ImportChange.objects.count() == 0
    run = now(bob, run.id)
    assert (run.status, run.attempts) == (ImportRun.Status.WRITING, 1)
    while run.is_busy and time.monotonic() < end:  # the database may still be taking the dead one's work back
        run = run_again(bob, run.id)
    assert run.status == ImportRun.Status.DONE
    with tenant_scope(bob.tenant_id):
        assert Deal.objects.count() == 20_000


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_rows_are_imported_and_undone(cast: Cast) -> None:
    bob = cast.member(cast.bob)
    began = [time.perf_counter(), time.process_time()]
    run = checked(bob, "deals", deals(100_000))
    looked = [time.perf_counter(), time.process_time()]
    assert committed(bob, run).status == ImportRun.Status.DONE
    wrote = [time.perf_counter(), time.process_time()]
    with tenant_scope(bob.tenant_id):
        assert Deal.objects.count() == 100_000
        asking.held_for(bob, run.id, ImportRun.Status.DONE).step(ImportRun.Status.UNDOING)
    assert run_again(bob, run.id).status == ImportRun.Status.UNDONE
    undid = [time.perf_counter(), time.process_time()]
    with tenant_scope(bob.tenant_id):
        assert Deal.objects.count() == 0
    for what, start, stop in (
        ("read and checked", began, looked),
        ("written", looked, wrote),
        ("undone", wrote, undid),
    ):
        print(f"{what}: {stop[0] - start[0]:.1f} s, {stop[1] - start[1]:.1f} s of this process")  # noqa: T201
