"""`python -m bench [--quick] [--only cpu,burst,…] [--json FILE]`: see README.md beside this file."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import uvloop

from bench.cashflow import cash_lines, cashflow
from bench.evidence import evidence, evidence_lines
from bench.insights import insight_lines, insights
from bench.machine import LOAD_CORE, pin
from bench.report import table
from bench.scenarios import QUICK, Bench, Plan
from bench.search import search, search_lines
from bench.stage import ROOT, database, stage

# memory first: it wants servers that nobody has asked yet
SCENARIOS = ("memory", "first_token", "cpu", "burst", "good", "reader", "llm")
OFFLINE = {  # they need no server
    "cashflow": (cashflow, cash_lines),
    "insights": (insights, insight_lines),
    "evidence": (evidence, evidence_lines),
    "search": (search, search_lines),
}
SLOW = "search"  # only when named: forty thousand messages take their time to write
LEDGER = "usage"  # the same: ten million rows take their time


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def measure(bench: Bench, names: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    await bench.warm()
    for name in names:
        say(f"{name}: {(getattr(bench, name).__doc__ or '').splitlines()[0]}")
        found[name] = await getattr(bench, name)()
    return found


def usage(sizes: tuple[int, ...]) -> dict[str, Any]:
    """Finance's pages and reports over ledgers of growing size."""
    found: dict[str, Any] = {}
    with database() as environment:
        for size in map(str, sizes):
            command = [sys.executable, "-m", "bench.usage", size]
            done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            if done.returncode:
                say(f"{size} rows could not be measured; what was measured before is shown")
                break
            found |= json.loads(done.stdout)
    return found


def streaming(plan: Plan, names: list[str]) -> dict[str, Any]:
    pin(LOAD_CORE)
    with stage(plan.seats) as on:
        return uvloop.run(measure(Bench(on, plan, say), names))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measures csuite's streaming, and its forecasts on past records."
    )
    parser.add_argument("--quick", action="store_true", help="one short round of everything, about two minutes")
    parser.add_argument("--only", default="", help=f"some of: {','.join((*SCENARIOS, *OFFLINE, LEDGER))}")
    parser.add_argument("--rows", default="", help=f"sizes of the ledger for {LEDGER}: 300000,1000000")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    names = arguments.only.split(",") if arguments.only else [*SCENARIOS, *(name for name in OFFLINE if name != SLOW)]
    if unknown := set(names) - {*SCENARIOS, *OFFLINE, LEDGER}:
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}")
    plan = QUICK if arguments.quick else Plan()
    found: dict[str, Any] = {}
    for name, (tried, _) in OFFLINE.items():
        if name in names:
            say(f"{name}: {tried.__doc__}")
            found[name] = tried(say)
    if LEDGER in names:
        found[LEDGER] = usage(tuple(map(int, arguments.rows.split(","))) if arguments.rows else plan.ledgers)
    if served := [name for name in names if name in SCENARIOS]:
        found |= streaming(plan, served)
    if set(found) - set(OFFLINE):
        print(table(found))
    for name, (_, lines) in OFFLINE.items():
        if name in found:
            print("\n".join(lines(found[name])))
    print(json.dumps(found))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
