"""Batches under a real Celery worker that is killed."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from csuite.analytics.tasks import run_bulk_job
from csuite.tenants.models import Limit
from tests.analytics.batches import grown_old, job_of, ledger, seen, swept
from tests.conftest import Cast
from tests.fake_provider import running_apart
from tests.webprocess import ROOT, WebProcess

pytestmark = pytest.mark.django_db(transaction=True)


@contextlib.contextmanager
def worker(provider: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A real Celery worker, killed with all its children at the end, as by the kernel."""
    process = subprocess.Popen(
        [sys.executable, "-m", "csuite.server.jobs", "worker"],
        cwd=ROOT,
        env=WebProcess(provider, "fake").environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


async def until(cast: Cast, job: UUID, **counts: int) -> None:
    for _ in range(600):
        if (await seen(cast, job))["counts"] == counts:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"waited a minute for {counts}: {await seen(cast, job)}")


def tell(provider: str, **answer: Any) -> None:
    request = urllib.request.Request(
        provider.removesuffix("/v1") + "/script", json.dumps(answer).encode(), method="POST"
    )
    urllib.request.urlopen(request).close()


async def test_a_killed_worker_costs_no_answer_and_doubles_none(cast: Cast) -> None:
    await Limit.objects.aupdate(amount=1_000_000)
    with running_apart() as provider:
        tell(provider, text="Late.", ttft_ms=60_000, match="Question 2")
        job = await job_of(cast, 4)
        run_bulk_job.delay(str(cast.acme.id), str(job))  # and once more: two tasks for one batch
        with worker(provider):
            await until(cast, job, done=3, running=1)
        await grown_old(cast, job)
        assert await swept() == [(cast.acme.id, job)]  # until the new task has begun
        with worker(provider):
            await until(cast, job, done=4)
    rows = await ledger()
    assert Counter(row.error_kind for row in rows) == {"": 4, "cancelled": 1}
    assert len({row.message for row in rows}) == 4
    (killed,) = [row for row in rows if row.error_kind]
    assert (killed.prompt_tokens, killed.completion_tokens, killed.estimated) == (4 + 3, 0, True)
