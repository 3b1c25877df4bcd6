"""Checks every figure of an answer against the facts that the persona was given.

`check(text, facts)` for a whole answer; `Checker` for one that is still being written. Pure and deterministic: the
same text and facts give the same findings, in whatever pieces the text comes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from csuite.personas.evidence import cues, tables
from csuite.personas.evidence.blocks import Cutter, Unit, masked
from csuite.personas.evidence.context import asked_of
from csuite.personas.evidence.dating import periods
from csuite.personas.evidence.distance import in_brackets
from csuite.personas.evidence.exempting import exempt
from csuite.personas.evidence.judging import matched
from csuite.personas.evidence.knowledge import Deal, Knowledge, prepared
from csuite.personas.evidence.query import Line, Memory, Query
from csuite.personas.evidence.records import Candidate, Class, Figure, Finding, Span
from csuite.personas.evidence.referring import refers_back
from csuite.personas.evidence.scanning import scan
from csuite.profiles.records import Facts

MOST = 3000  # figures of an answer that are checked; a text of nothing but digits must not hold up the server
KEPT = 6  # metrics and periods that are remembered from sentence to sentence
NOTHING: frozenset[str] = frozenset()
# What the reading does beside the rules; the measurement leaves out one at a time, as it does with rules.
HABITS = ("question", "memory", "direction", "softening", "weak names")


class Checker:
    """Reads a growing answer. What it has said of a sentence never changes."""

    def __init__(self, known: Knowledge, asked: str = "", without: frozenset[str] = NOTHING) -> None:
        """`asked`: the question, which names what the first sentence speaks of."""
        self.known, self.without = known, without
        self.cutter, self.memory = Cutter(), Memory()
        self.table = tables.Table()
        self.findings: list[Finding] = []
        question = self._line(masked(asked))
        self.asked = {(figure.kind, figure.readings[0].value) for figure in question.figures if not figure.spelled}
        if "question" not in without:
            self._remember(question)
            self._remember_aims(question)

    def read(self, text: str, final: bool = False) -> list[Finding]:
        """`text` is the answer so far, from its beginning. Returns what was found in sentences finished since."""
        return [one for one in self.steps(text, final) if one is not None]

    def steps(self, text: str, final: bool = False) -> Iterator[Finding | None]:
        """The same figure by figure, None at the end of a sentence, so that who has other work can do it in between."""
        for unit in self.cutter.take(text, final):
            if len(self.findings) < MOST:
                for one in self._unit(text, unit):
                    self.findings.append(one)
                    yield one
            yield None

    def _unit(self, text: str, unit: Unit) -> Iterator[Finding]:
        clean = masked(text[unit.start : unit.end])
        if unit.shape == "header":
            self.table = tables.Table([masked(text[start:end]).strip() for start, end in unit.cells])
            self._remember(self._line(" | ".join(self.table.headings), ()))
            return
        if unit.shape == "row":
            yield from self._row(text, unit)
            return
        if unit.block != self.memory.block or unit.shape == "item":
            self.memory.block = unit.block
            lasting = [] if unit.shape == "item" else [span for span in self.memory.spans if span.length > 1]
            self.memory.spans[:] = lasting[:1]
        line = self._line(clean)
        self._caption(clean)
        if unit.shape == "heading":
            self.memory.topic.clear()
            self._remember(line)
            return
        for one in self._figures(line, []):
            yield _moved(one, unit.start, text)
        self._remember(line)

    def _caption(self, clean: str) -> None:
        self.memory.scale = clean[-80:]

    def _line(self, clean: str, figures: Sequence[Figure] | None = None) -> Line:
        found = tuple(scan(clean) if figures is None else figures)
        return Line(
            clean,
            found,
            (*self.known.names.find(clean), *(() if "weak names" in self.without else self.known.weak.find(clean))),
            tuple(periods(clean, self.known.clock)),
            cues.wide(clean) if found else NOTHING,
        )

    def _figures(self, line: Line, here: list[Candidate], cell: str = "") -> Iterator[Finding]:
        claims = tuple(figure for figure in line.figures if not exempt(figure, line, True, self.without))
        left = replace(line, figures=claims)
        kept = {figure.start for figure in claims}
        for figure in line.figures:
            if figure.start in kept:
                yield self._figure(left, figure, here, cell)
            else:
                yield Finding(figure.start, figure.end, figure.text, "not_a_claim", figure.kind, _written(figure))

    def _figure(self, line: Line, figure: Figure, here: list[Candidate], cell: str = "") -> Finding:
        written = _written(figure)
        asked = asked_of(line, figure, self.known, self.memory, here)
        if "direction" in self.without:
            asked.direction = figure.sign
        if "softening" in self.without:
            asked.figure = replace(figure, about="")
        if cell:
            asked = _in_cell(asked, cell, self.table)
        match = matched(asked, self.known, self.without) or self._of_the_whole(asked, line, figure, here)
        if match:
            here.insert(0, match)
            self.memory.matched[:] = [match, *self.memory.matched][:8]
            if match.metric and not asked.tiers:
                self.memory.metrics[:] = list(dict.fromkeys([match.metric, *self.memory.metrics]))[:KEPT]
            cls: Class = "calculated" if match.calculation else "found"
            return Finding(figure.start, figure.end, figure.text, cls, figure.kind, written, match)
        if (figure.kind, figure.readings[0].value) in self.asked:  # the asker's own
            return Finding(figure.start, figure.end, figure.text, "not_a_claim", figure.kind, written)
        timed = figure.kind in ("days", "hours", "months") and asked.tiers and asked.has("value", "change")
        near = timed or asked.strong or asked.is_cell or (figure.spelled and asked.has("change") and bool(asked.tiers))
        if figure.spelled and "multiple" in figure.kinds:
            near = False
        if not (near and figure.kind in ("bare", "days", "hours", "months")) and exempt(
            figure, line, False, self.without
        ):
            return Finding(figure.start, figure.end, figure.text, "not_a_claim", figure.kind, written)
        return Finding(figure.start, figure.end, figure.text, "not_found", figure.kind, written)

    def _of_the_whole(self, asked: Query, line: Line, figure: Figure, here: list[Candidate]) -> Candidate | None:
        """A sentence that names no line may have left the one that was spoken of before."""
        if not asked.entities or asked.all_entities or asked.is_cell or refers_back(line.text):
            return None
        anew = asked_of(line, figure, self.known, replace(self.memory, entities=[]), here)
        return matched(anew, self.known, self.without)

    def _remember(self, line: Line) -> None:
        if "memory" in self.without:
            return
        memory = self.memory
        metrics = [key for m in line.mentions if m.kind == "metric" for key in sorted(m.ids)]
        memory.metrics[:] = list(dict.fromkeys([*reversed(metrics), *memory.metrics]))[:KEPT]
        entities = [id for m in line.mentions if m.kind == "entity" for id in sorted(m.ids)]
        if entities or metrics:
            memory.entities[:] = list(dict.fromkeys(entities))[:KEPT]
        spans = [
            named.spans[0]
            for named in line.named
            if named.spans and not named.compared and not in_brackets(line.text, named.start, named.end)
        ]
        spans += [span for named in line.named for span in named.also]
        compared = [named.spans[0] for named in line.named if named.spans and named.compared]
        if compared:
            memory.before[:] = compared[:2]
        if len(spans) > 2:
            memory.run[:] = spans
        if spans and (not memory.topic or line.text.rstrip().endswith(":")):
            memory.topic[:] = spans
        if spans:
            memory.spans[:] = list(dict.fromkeys([*reversed(spans), *memory.spans]))[:KEPT]

    def _remember_aims(self, question: Line) -> None:
        """`Do we make the £61m?` names what the goal is for."""
        targets = {aim.goal.target: key for key, aims in self.known.aims.items() for aim in aims}
        named = (targets.get(reading.value) for figure in question.figures for reading in figure.readings)
        self.memory.metrics[:] = list(dict.fromkeys([*self.memory.metrics, *filter(None, named)]))[:KEPT]

    def _row(self, text: str, unit: Unit) -> Iterator[Finding]:
        cells = [masked(text[start:end]) for start, end in unit.cells]
        first = cells[0].strip() if cells else ""
        names = [bool(self.known.names.find(one)) for one in self.table.headings]
        row_spans = [span for named in periods(first, self.known.clock) for span in named.spans[:1]]
        here: list[Candidate] = []
        if tables.is_total(first):
            self.memory.entities.clear()
        for column, (start, _) in enumerate(unit.cells):
            if not column or not any(c.isdigit() for c in cells[column]):
                continue
            head = tables.heading(text, self.table, column, names)
            lead = f"{first} | {head}: " if head else f"{first}: "
            lead = "".join(" " if c.isdigit() and not _names_period(lead, self.known) else c for c in lead)
            clean = lead + cells[column]
            figures = [
                tables.in_column(figure, f"{head} {first}", f"{self.table.headings[:1]} {self.memory.scale}")
                for figure in scan(clean)
                if figure.start >= len(lead)
            ]
            line = self._line(clean, figures)
            for one in self._figures(line, here, head or first):
                yield _moved(one, start - len(lead), text)
        self.table.spans += row_spans
        self._remember(self._line(first, ()))


def _names_period(lead: str, known: Knowledge) -> bool:
    return bool(periods(lead, known.clock))


def _in_cell(asked: Query, heading: str, table: tables.Table) -> Query:
    near = asked.near | {"change"} if tables.is_change(heading) else asked.near
    own = asked.own
    if asked.says("average", "total") and not asked.own_named and len(table.spans) > 1:
        own = (Span(min(table.spans).first, max(table.spans).last), *own)
    kinds = asked.figure.kinds or asked.kinds
    return replace(asked, near=near, own=own, is_cell=True, kinds=kinds)


def _written(figure: Figure) -> Decimal:
    return figure.readings[0].value * (figure.sign or 1)


def _moved(finding: Finding, offset: int, text: str) -> Finding:
    start, end = finding.start + offset, finding.end + offset
    return replace(finding, start=start, end=end, text=text[start:end])


def check(
    text: str, facts: Facts | Knowledge, deals: Sequence[Deal] = (), texts: Sequence[str] = (), asked: str = ""
) -> list[Finding]:
    """Every figure of a whole answer, from left to right, those that claim nothing included."""
    known = facts if isinstance(facts, Knowledge) else prepared(facts, deals, texts)
    checker = Checker(known, asked)
    checker.read(text, final=True)
    return checker.findings
