"""The figures as a table beside what they should be."""

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


def table(found: dict[str, Any]) -> str:
    rows = [("", "bare", "csuite", "aim"), *lines(found)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _s(value: Any) -> str:
    if isinstance(value, list):
        return " / ".join(map(str, value))
    return "" if value is None else str(value)
