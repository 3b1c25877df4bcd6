"""`python -m bench.usage ROWS [ROWS …]`: how finance's pages and reports answer over a ledger of each size.

One process, no network: requests go through all of Django. Prints one JSON object, {rows: figures}.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import django
import psutil
from django.conf import settings

ROUNDS = 12


def p95(values: list[float]) -> float:
    return round(sorted(values)[max(0, round(len(values) * 0.95) - 1)], 1)


def timed(deed: Callable[[], Any]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    deed()
    return (time.perf_counter() - begun) * 1000


def finance() -> Any:
    """The person who looks: finance of the largest company."""
    from csuite.tenants.models import Limit, Membership, Role, Tenant, User

    tenant = Tenant.objects.get(slug="bench-00")
    user, _ = User.objects.get_or_create(email="finance@bench.example")
    Membership.objects.get_or_create(user=user, tenant=tenant, defaults={"role": Role.FINANCE})
    for name in ("api", "expensive"):
        Limit.objects.get_or_create(name=name, tenant=tenant, defaults={"amount": 100_000, "seconds": 60})
    return user


def asked(client: Any, address: str, rounds: int = ROUNDS) -> float:
    """p95 in milliseconds, after one request that warms up."""

    def ask() -> None:
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)

    ask()
    return p95([timed(ask) for _ in range(rounds)])


def reports(client: Any) -> dict[str, float]:
    """The slowest way to ask each report over 24 months: by each group, by day where there is one."""
    from csuite.analytics.queries import QUERIES

    begin = (datetime.now(UTC) - timedelta(days=729)).date().isoformat()
    found = {}
    for query in QUERIES:
        base = f"/api/v1/analytics/llm/{query.name}?from={begin}"
        ways = [f"{base}&group={group}" for group in query.groups if group != "tenant"] + [f"{base}&granularity=day"]
        found[query.name] = max(asked(client, way, rounds=5) for way in ways)
    return found


def one_day() -> float:
    """Seconds to sum one whole day of all companies again, all rollups."""
    from csuite.analytics.rollups.filling import day_of, fill, lock_all
    from csuite.tenants.models import Tenant
    from csuite.tenants.scope import platform_scope

    day = day_of(datetime.now(UTC) - timedelta(days=10))
    tenants = list(Tenant.objects.values_list("id", flat=True))
    due = [(tenant, day + timedelta(hours=hour)) for tenant in tenants for hour in range(24)]

    def again() -> None:
        with platform_scope("bench"):
            lock_all()
            fill(due)

    return round(timed(again) / 1000, 2)


async def export(user: Any) -> dict[str, float]:
    """The last whole month as CSV: rows, seconds, and by how much the process grew (MB)."""
    from django.test import AsyncClient

    client = AsyncClient()
    await client.aforce_login(user)
    month = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    response: Any = await client.get(f"/usage/calls.csv?month={month}")
    process = psutil.Process()
    before = most = process.memory_info().rss
    begun, lines = time.perf_counter(), 0
    async for part in response:
        lines += part.count(b"\n")
        most = max(most, process.memory_info().rss)
    return {
        "rows": lines - 1,
        "seconds": round(time.perf_counter() - begun, 1),
        "grew_mb": round((most - before) / 1_048_576, 1),
    }


def measure(rows: int, say: Callable[[str], None]) -> dict[str, Any]:
    from django.db import connections
    from django.test import Client

    from bench.ledger import make
    from csuite.analytics.rollups import ROLLUPS, rebuilding

    made = make(rows)
    say(f"{rows:,} rows are there, {made:.0f} s")
    rebuilding.forget()
    built = timed(rebuilding.run) / 1000
    with connections["owner"].cursor() as cursor:
        tables = [rollup._meta.db_table for rollup in ROLLUPS]
        cursor.execute(f"VACUUM (ANALYZE) {', '.join([*tables, 'ledger'])}")
        cursor.execute("SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) name", [tables])
        size = cursor.fetchone()[0]
    say(f"rollups built in {built:.0f} s, {int(size) // 1_048_576} MB")
    user = finance()
    client = Client()
    client.force_login(user)
    page = asked(client, "/usage/")
    today = datetime.now(UTC).date()
    year = asked(client, f"/usage/?from={today - timedelta(days=364)}&to={today}")
    say(f"page {page} ms, a year {year} ms")
    each = reports(client)
    return {
        "made_s": round(made), "built_s": round(built), "rollups_mb": int(size) // 1_048_576, "page_ms": page,
        "page_year_ms": year, "report_ms": max(each.values()), "reports_ms": each, "day_s": one_day(),
        "export": asyncio.run(export(user)),
    }  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")
    django.setup()
    settings.ALLOWED_HOSTS.append("testserver")  # how Django's clients call us

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    found = {}
    for rows in sys.argv[1:]:
        found[rows] = measure(int(rows), say)
        say(json.dumps(found[rows]))  # an ended run keeps what it has
    print(json.dumps(found))


if __name__ == "__main__":
    main()
