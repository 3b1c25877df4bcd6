"""`python -m bench.usage ROWS [ROWS …]`: how finance's pages and reports answer over a ledger of each size.

One process, no network: requests go through all of Django, as the web role with row-level security in force. Prints
one JSON object, {rows: figures}.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import django
import psutil
from django.conf import settings
from django.db import connections

ROUNDS = 20


def spread(values: list[float]) -> dict[str, float]:
    """{"p50", "p95"} in milliseconds."""
    ordered = sorted(values)
    return {"p50": round(ordered[len(ordered) // 2], 1), "p95": round(ordered[round(len(ordered) * 0.95) - 1], 1)}


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


def asked(client: Any, address: str, rounds: int = ROUNDS, before: Callable[[], Any] = lambda: None) -> list[float]:
    """Milliseconds of each request, after one that warms up; `before` each of them something may happen."""

    def ask() -> None:
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)

    ask()
    found = []
    for _ in range(rounds):
        before()
        found.append(timed(ask))
    return found


def pages(client: Any) -> dict[str, dict[str, float]]:
    """The usage page: this month, this month when somebody has asked since, and a year; that one in a currency with a
    rate for each month, and for each day, too."""
    today = datetime.now(UTC).date()
    year = f"/usage/?from={today - timedelta(days=364)}&to={today}"
    found = {
        "page": spread(asked(client, "/usage/")),
        "page_after_a_call": spread(asked(client, "/usage/", before=call)),
        "page_year": spread(asked(client, year)),
    }
    for name, days in (("page_year_months_rates", 31), ("page_year_days_rates", 1)):
        with shown_in_euro(days):
            found[name] = spread(asked(client, year))
    return found


@contextmanager
def shown_in_euro(days: int) -> Iterator[None]:
    """The company's currency is not that of its calls, and the rate moves once in so many days, months by the first."""
    from csuite.analytics.models import ExchangeRate
    from csuite.tenants.models import Tenant

    today = datetime.now(UTC).date()
    dates = {day if days == 1 else day.replace(day=1) for n in range(400) for day in [today - timedelta(days=n)]}
    ExchangeRate.objects.bulk_create(
        ExchangeRate(source="USD", target="EUR", rate=Decimal(80 + n % 20) / 100, valid_from=day)
        for n, day in enumerate(sorted(dates))
    )
    company = Tenant.objects.filter(slug="bench-00")
    company.update(currency="EUR")
    yield
    company.update(currency="USD")
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE exchange_rate")


def call() -> None:
    """One more row in the ledger, like the last one: its hour, day and month are due."""
    from csuite.analytics.ledger import insert
    from csuite.analytics.models import LedgerEntry
    from csuite.analytics.rows import new_id
    from csuite.tenants.models import Tenant
    from csuite.tenants.scope import tenant_scope

    with tenant_scope(Tenant.objects.get(slug="bench-00").id):
        row = LedgerEntry.objects.all()[0]
        row.id, row.started_at = new_id(), datetime.now(UTC)
        insert([row])


def reports(client: Any, since: str) -> dict[str, dict[str, Any]]:
    """Of each report the slowest way to ask it: by each group, as a whole, by day and by month."""
    from csuite.analytics.queries import QUERIES

    found: dict[str, dict[str, Any]] = {}
    for query in QUERIES:
        base = f"/api/v1/analytics/llm/{query.name}?from={since}"
        ways = [f"group={group}&granularity={fine}" for group in query.groups for fine in ("", "day", "month")]
        times = {way: spread(asked(client, f"{base}&{way}", rounds=8)) for way in ways if "group=tenant" not in way}
        slowest = max(times, key=lambda way: times[way]["p95"])
        found[query.name] = {**times[slowest], "way": slowest}
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


def exported(kind: str) -> dict[str, Any]:
    """In a process of its own (exporting.py): how much memory it takes at most."""
    command = [sys.executable, "-m", "bench.exporting", kind]
    found: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return found


def load() -> float:
    return round(float(psutil.getloadavg()[0]), 1)


def build() -> tuple[float, int]:
    """Seconds to build all rollups from the ledger, and their size in bytes."""
    from csuite.analytics.rollups import ROLLUPS, rebuilding

    rebuilding.forget()
    seconds = timed(rebuilding.run) / 1000
    tables = [rollup._meta.db_table for rollup in ROLLUPS]
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {', '.join([*tables, 'ledger'])}")
        cursor.execute("SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(%s::text[]) name", [tables])
        return seconds, int(cursor.fetchone()[0])


def measure(rows: int, say: Callable[[str], None], there: bool = False) -> dict[str, Any]:
    """All figures over a ledger of that size; `there`: it is there and summed already."""
    from django.test import Client

    from bench.ledger import make

    found: dict[str, Any] = {"load_before": load()}
    if not there:
        found["made_s"] = round(make(rows))
        say(f"{rows:,} rows are there, {found['made_s']} s")
        seconds, size = build()
        found |= {"built_s": round(seconds), "rollups_mb": size // 1_048_576}
        say(f"rollups built in {seconds:.0f} s, {found['rollups_mb']} MB")
    client = Client()
    client.force_login(finance())
    found |= pages(client)
    today = datetime.now(UTC).date()
    for name, since in (("month", today.replace(day=1)), ("year", today - timedelta(days=364))):
        found[f"reports_{name}"] = each = reports(client, since.isoformat())
        found[f"report_{name}"] = max(each.values(), key=lambda one: one["p95"])
        say(f"reports of a {name}: {each}")
    found |= {"day_s": one_day(), "csv": exported("csv"), "xlsx": exported("xlsx"), "load_after": load()}
    return found


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")
    django.setup()
    settings.ALLOWED_HOSTS.append("testserver")  # how Django's clients call us

    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    found = {}
    there = "--there" in sys.argv
    for rows in (argument for argument in sys.argv[1:] if argument.isdigit()):
        found[rows] = measure(int(rows), say, there)
        say(json.dumps(found[rows]))  # an ended run keeps what it has
    print(json.dumps(found))


if __name__ == "__main__":
    main()
