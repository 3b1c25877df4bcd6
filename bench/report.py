"""The figures as a table beside what they should be."""

import math
from collections.abc import Sequence
from typing import Any

Line = tuple[str, str, str, str]


def lines(found: dict[str, Any]) -> list[Line]:
    """(what, bare, csuite, aim) for each measurement that was made."""
    rows: list[Line] = []
    if first := found.get("first_token"):
        rows.append(("added to the first token, idle (ms)", _s(first["bare"]), _s(first["csuite"]), "csuite <= 10"))
    if cpu := found.get("cpu"):
        rows.append(("CPU per token, server (us)", _s(cpu["bare"]), _s(cpu["csuite"]), f"<= 1.25x; is {cpu['ratio']}x"))
        rows.append(("CPU per token, database (us)", "", _s(cpu["database"]), ""))
    if burst := found.get("burst"):
        rows.append(("first token p95, 60 starts in 1 s (ms)", _s(burst["bare"]), _s(burst["csuite"]), "csuite < 100"))
    if good := found.get("good"):
        rows.append(
            (
                "good streams on one core, per round",
                _s(good["bare"]),
                _s(good["csuite"]),
                f">= 0.7x; is {good['ratio']}x",
            )
        )
    if memory := found.get("memory"):
        rows.append(("memory idle (MB)", _s(memory["bare_idle_mb"]), _s(memory["csuite_idle_mb"]), "csuite <= 150"))
        rows.append(("memory per stream (kB)", _s(memory["bare_stream_kb"]), _s(memory["csuite_stream_kb"]), "<= 60"))
    if reader := found.get("reader"):
        rows += [(f"reading alone, {way}, CPU per token (us)", "", _s(us), "") for way, us in reader.items()]
    return rows


FIGURES = {
    "token_us": "CPU per token (us)",
    "call_cpu_ms": "CPU, whole call (ms)",
    "call_wall_ms": "time, whole call (ms)",
    "stream_cpu_ms": "CPU, streamed call (ms)",
    "stream_wall_ms": "time, streamed call (ms)",
}


def client_lines(clients: dict[str, Any]) -> list[tuple[str, ...]]:
    """A line for each figure, a column for each client; in brackets the ratio to the provider's own."""
    rows = [("calls of csuite.llm beside other clients", *clients)]
    for name, title in FIGURES.items():
        rows.append((title, *(_with_ratio(one, name) for one in clients.values())))
    return rows


# name -> (title, aim); milliseconds have a p50 and a p95.
USAGE = {
    "page": ("usage page, this month (ms)", "p95 < 300"),
    "page_after_a_call": ("the same when somebody asked since (ms)", "p95 < 300"),
    "page_year": ("usage page, 365 days (ms)", "p95 < 300"),
    "page_year_months_rates": ("the same in a currency with a rate a month (ms)", "p95 < 300"),
    "page_year_days_rates": ("the same with a rate a day (ms)", ""),
    "report_month": ("slowest report, this month (ms)", "p95 < 500"),
    "report_year": ("slowest report, 365 days (ms)", "p95 < 500"),
    "day_s": ("one day summed again (s)", "< 10"),
    "built_s": ("all rollups built (s)", ""),
    "rollups_mb": ("rollups (MB)", ""),
}
EXPORTS = {"csv": "a month's calls as CSV", "xlsx": "the same as XLSX"}


def usage_lines(sizes: dict[str, Any]) -> list[tuple[str, ...]]:
    """A line for each figure, a column for each size of the ledger; the slope is per ten times the rows."""
    head = ("finance's pages over a ledger of … rows", *(f"{int(size):,}" for size in sizes))
    rows = [(*head, "times, for 10 x rows", "aim")]
    for name, (title, aim) in USAGE.items():
        if all(name in one for one in sizes.values()):
            rows.append((title, *(_said(one[name]) for one in sizes.values()), _slope(name, sizes), aim))
    for kind, title in EXPORTS.items():
        said = (f"{one[kind]['seconds']} s, {one[kind]['grew_mb']} MB more" for one in sizes.values())
        rows.append((title, *said, "", "memory does not grow"))
    rows.append(
        ("load of the machine", *(f"{one['load_before']} to {one['load_after']}" for one in sizes.values()), "", "")
    )
    return rows


def _said(value: Any) -> str:
    return f"{value['p50']} / {value['p95']}" if isinstance(value, dict) else _s(value)


def _number(value: Any) -> float:
    return float(value["p95"] if isinstance(value, dict) else value)


def _slope(name: str, sizes: dict[str, Any]) -> str:
    (least, first), (most, last) = min(sizes.items(), key=_rows), max(sizes.items(), key=_rows)
    before, after = _number(first[name]), _number(last[name])
    if least == most or not before or not after:
        return ""
    return f"{(after / before) ** (1 / math.log10(int(most) / int(least))):.1f}"


def _rows(size: tuple[str, Any]) -> int:
    return int(size[0])


def _with_ratio(one: dict[str, Any], name: str) -> str:
    ratio = one.get("ratios", {}).get(name)
    return _s(one[name]) + ("" if ratio is None else f" ({ratio}x)")


def table(found: dict[str, Any]) -> str:
    """The servers' figures beside what they should be, and the clients' beside each other."""
    text = _aligned([("", "bare", "csuite", "aim"), *lines(found)])
    if found.get("usage"):
        text += "\n\n" + _aligned(usage_lines(found["usage"]))
    return text + ("\n\n" + _aligned(client_lines(found["llm"])) if found.get("llm") else "")


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _s(value: Any) -> str:
    if isinstance(value, list):
        return " / ".join(map(str, value))
    return "" if value is None else str(value)
