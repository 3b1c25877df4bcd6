"""The board pack: a decision with its question, answers, sources, dissent, owner and dates, as a document. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from csuite.conversations.boardroom.minutes import Minutes, agreed_words, behind_words
from csuite.conversations.decisions.showing import Record, Said
from csuite.conversations.models import Decision
from csuite.documents import Block, Caption, Document, Heading, List, Marked, Paragraph, Quote, Span, Table, blocks
from csuite.profiles import months

MOST_NOTES = 300
WORDS = {"found": "from the company’s data", "calculated": "calculated from the company’s data"}


@dataclass(slots=True)
class Notes:
    """The sources, each once, in the order in which they are met. names: metric key -> name."""

    names: Mapping[str, str]
    texts: list[str] = field(default_factory=list)

    def marked(self, answer: Said) -> list[Marked]:
        return [self._mark(one) for one in answer.evidence if one["class"] in ("found", "calculated", "not_found")]

    def _mark(self, one: Mapping[str, Any]) -> Marked:
        note = None if one["class"] == "not_found" else self._number(source_words(one, self.names))
        return Marked(one["start"], one["end"], one["class"], note)

    def _number(self, text: str) -> int | None:
        if text not in self.texts and len(self.texts) < MOST_NOTES:
            self.texts.append(text)
        return self.texts.index(text) + 1 if text in self.texts else None


def source_words(one: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """ "Gross margin, October 2026: 38.4%, from the company’s data, as of 6 November 2026." """
    named = names.get(one["metric"] or "", one["metric"] or "Recorded by the company")
    period = f", {months.long(date.fromisoformat(one['period']))}" if one["period"] else ""
    parts = [f"{named}{period}: {' '.join(str(one['text']).split())}", WORDS[one["class"]]]
    if one["calculation"]:
        parts.append(str(one["calculation"]))
    if one["as_of"]:
        parts.append(f"as of {months.day(date.fromisoformat(one['as_of'][:10]))}")
    return f"{', '.join(parts)}."


def pack(decision: Decision, record: Record | None, company: str, names: Mapping[str, str]) -> Document:
    """`record`: of showing.recorded; None for a decision that was written down by hand."""
    notes = Notes(names)
    body = (*_facts(decision), *(_meeting(record, notes) if record else ()))
    state = decision.get_status_display()
    return Document(
        title=decision.text if len(decision.text) <= 160 else f"{decision.text[:159]}…",
        subtitle=f"Decision of {company}, {state.lower()}",
        blocks=body,
        notes=tuple((Span(text),) for text in notes.texts),
        header=f"{company} · Board pack",
        footer="csuite",
        author=decision.proposed_by.display_name,
    )


def _facts(decision: Decision) -> Iterator[Block]:
    yield Heading(1, (Span("Decision"),))
    yield Paragraph((Span(decision.text, bold=True),))
    owner = decision.owner.display_name if decision.owner else "to be named"
    rows = {
        "State": decision.get_status_display(),
        "Owner": owner,
        "Due": _day(decision.due),
        "Review": _day(decision.review),
        "Proposed by": f"{decision.proposed_by.display_name}, {months.day(decision.created_at.date())}",
    }
    if decision.decided_at:
        rows["Decided"] = months.day(decision.decided_at.date())
    if decision.outcome:
        rows["Outcome"] = f"{decision.get_outcome_display()}. {decision.outcome_text}".strip()
    cells = tuple(((Span(name),), (Span(said),)) for name, said in rows.items())
    yield Table(((Span(""),), (Span(""),)), cells, ("left", "left"))


def _day(when: date | None) -> str:
    return months.day(when) if when else "no date"


def _meeting(record: Record, notes: Notes) -> Iterator[Block]:
    yield Heading(1, (Span("Question"),))
    yield Paragraph((Span(record.question),))
    yield Caption((Span(f"Asked by {record.asked_by}, {months.day(record.asked_at.date())}"),))
    if record.minutes:
        yield from _minutes(record.minutes, record.minutes_version)
    for one in record.answers:
        yield Heading(1, (Span(f"{one.name}’s answer"),))
        yield Caption((Span(one.about),))
        yield from blocks(one.text, notes.marked(one), level=2)


def _minutes(found: Minutes, version: str) -> Iterator[Block]:
    yield Heading(1, (Span("Synthesis"),))
    yield Caption((Span("Laid side by side by rule, without a language model" if found.by_rules else version),))
    yield Paragraph((Span(found.decision or f"No decision yet. {found.missing}"),))
    if found.confidence is not None:
        yield Paragraph((Span(f"Confidence {found.confidence}%, {behind_words(found)}. {found.depends_on}".strip()),))
    if found.agreement:
        yield Heading(2, (Span(agreed_words(found)),))
        yield _list(f"{one.point} ({', '.join(map(found.name, one.officers))})" for one in found.agreement)
    if found.positions:
        yield Heading(2, (Span("In their own words"),))
        yield _list(f"{found.name(one.officer)}: “{one.quote}”" for one in found.positions)
    if not found.by_rules:
        yield Heading(2, (Span("Dissent"),))
        if not found.dissent:
            yield Paragraph((Span("None that could be found in the answers."),))
        for one in found.dissent:
            yield Paragraph((Span(f"{found.name(one.officer)} ", bold=True), Span(one.view)))
            yield Quote((Paragraph((Span(one.quote),)),))
    if found.change_of_mind:
        yield Heading(2, (Span("What would change each mind"),))
        yield _list(f"{found.name(one.officer)}: {one.what}" for one in found.change_of_mind)
    for warning in found.warnings:
        yield Caption((Span(warning),))


def _list(lines: Iterator[str]) -> List:
    return List(tuple((Paragraph((Span(line),)),) for line in lines))
