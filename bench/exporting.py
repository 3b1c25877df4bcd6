"""`python -m bench.exporting csv|xlsx`: the last whole month's calls of the largest company, as its finance gets them.

In a process of its own: prints rows, seconds, and by how much its memory had grown at most (MB), as JSON.
"""

import asyncio
import json
import os
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import django
import psutil
from django.conf import settings

MEGABYTE = 1_048_576


async def export(kind: str) -> dict[str, Any]:
    """`bytes`: of the file; its rows are those of the ledger."""
    from django.test import AsyncClient

    from bench.usage import finance

    user = await asyncio.to_thread(finance)
    client = AsyncClient()
    await client.aforce_login(user)
    month = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    before = psutil.Process().memory_info().rss
    begun, size = time.perf_counter(), 0
    response: Any = await client.get(f"/usage/calls.{kind}?month={month}")
    assert response.status_code == 200, response.status_code
    first = time.perf_counter() - begun
    async for part in response:
        size += len(part)
    seconds = time.perf_counter() - begun
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {
        "first_s": round(first, 2), "seconds": round(seconds, 1), "file_mb": round(size / MEGABYTE, 1),
        "grew_mb": round((most - before) / MEGABYTE, 1),
    }  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")
    django.setup()
    settings.ALLOWED_HOSTS.append("testserver")  # how Django's clients call us
    print(json.dumps(asyncio.run(export(sys.argv[1]))))
