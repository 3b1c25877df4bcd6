"""A snapshot as a document: questions as headings, answers with their figures traced to numbered sources. Pure."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from csuite.documents import Block, Caption, Document, Heading, Marked, Paragraph, Span, blocks

HEADING = 110  # characters of a question in its heading; a longer one stands below in full
ENDINGS = {
    "stopped": "Stopped by the reader.",
    "interrupted": "Interrupted before its end.",
    "failed": "No answer came.",
}
_TRACED = ("found", "calculated")


def paper(snapshot: dict[str, Any], zone: ZoneInfo) -> Document:
    """For to_pdf, to_docx and to_markdown. Times are written in the zone."""
    sources: dict[str, int] = {}
    written: list[Block] = []
    for turn in snapshot["turns"]:
        written += _question(turn["question"], zone)
        for answer in turn["answers"]:
            written += _answer(answer, zone, sources)
    when = f"{_when(snapshot['turns'][-1]['question']['at'], zone)}" if snapshot["turns"] else ""
    return Document(
        snapshot["title"],
        tuple(written),
        subtitle=" · ".join(part for part in (snapshot["person"], snapshot["company"], when) if part),
        notes=tuple((Span(source),) for source in sources),
        header=snapshot["title"],
        footer=f"{snapshot['company']} · confidential",
        author=snapshot["person"],
    )


def _question(question: dict[str, Any], zone: ZoneInfo) -> list[Block]:
    line = " ".join(question["text"].split())
    short = line if len(line) <= HEADING else line[: HEADING - 1].rsplit(" ", 1)[0] + "…"
    found: list[Block] = [Heading(2, (Span(short),)), Caption((Span(f"Asked {_when(question['at'], zone)}"),))]
    if short != line:
        found += [Paragraph((Span(part.strip()),)) for part in question["text"].split("\n") if part.strip()]
    return found


def _answer(answer: dict[str, Any], zone: ZoneInfo, sources: dict[str, int]) -> list[Block]:
    said = f"{answer['model']} · " if answer["model"] else ""
    caption = (Span(answer["name"], bold=True), Span(f" · {said}{_when(answer['at'], zone)}"))
    ending = " ".join(part for part in (ENDINGS.get(answer["status"], ""), answer["note"]) if part)
    return [
        Caption(caption),
        *blocks(answer["text"], _marks(answer["evidence"], sources), level=3),
        *([Caption((Span(ending),))] if ending else []),
    ]


def _marks(evidence: list[dict[str, Any]], sources: dict[str, int]) -> list[Marked]:
    """A number for each source, the same wherever it is named again."""
    found = []
    for one in evidence:
        kind = one.get("class")
        if kind in _TRACED:
            note = sources.setdefault(source_of(one), len(sources) + 1)
            found.append(Marked(one["start"], one["end"], kind, note))
        elif kind == "not_found":
            found.append(Marked(one["start"], one["end"], "not_found"))
    return found


def source_of(one: dict[str, Any]) -> str:
    """Where a figure comes from, in words: metric, month, state of the data, calculation."""
    metric = str(one.get("metric") or "the company's data").replace("_", " ")
    parts = [metric[:1].upper() + metric[1:], str(one.get("period") or "")[:7]]
    parts.append(f"as of {one['as_of']}" if one.get("as_of") else "")
    parts.append(f"calculated: {_calculation(one['calculation'])}" if one.get("calculation") else "")
    return ", ".join(part for part in parts if part)


def _calculation(calculation: Any) -> str:
    if isinstance(calculation, dict):
        return str(calculation.get("text") or calculation.get("formula") or calculation)
    return str(calculation)


def _when(moment: str, zone: ZoneInfo) -> str:
    local = datetime.fromisoformat(moment).astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M}"
