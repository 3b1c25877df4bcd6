"""The labelled answers of `evidence_cases/`: how they are read and what is counted."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from csuite.personas.evidence.checking import Checker
from csuite.personas.evidence.knowledge import Deal, Knowledge, prepared
from csuite.personas.evidence.records import Finding
from csuite.profiles import months
from csuite.profiles.records import Cause, Company, Facts, GoalRecord, InsightRecord, Point, Series

CASES = Path(__file__).parent / "evidence_cases"
MARK = re.compile(r"\{([^{}|]*)\|([^{}]*)\}")
SUPPORTED = ("found", "calculated")
LABELS = {"f": "found", "c": "calculated", "x": "not_found", "n": "not_a_claim"}


@dataclass(frozen=True, slots=True)
class Label:
    start: int
    end: int
    text: str
    cls: str
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    company: str
    asked: str
    text: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A label with what was found at its place; either may be missing."""

    case: Case
    label: Label | None
    finding: Finding | None

    @property
    def wanted(self) -> str:
        return self.label.cls if self.label else "not_a_claim"

    @property
    def given(self) -> str:
        return self.finding.cls if self.finding else "not_a_claim"


def read(path: Path) -> Case:
    head, body = path.read_text().split("\n---\n", 1)
    text, labels, position = "", [], 0
    for found in MARK.finditer(body):
        text += body[position : found.start()]
        cls, _, why = found[2].partition(":")
        labels.append(Label(len(text), len(text) + len(found[1]), found[1], LABELS[cls], why))
        text += found[1]
        position = found.end()
    company, _, asked = head.removeprefix("facts:").strip().partition("\nasked: ")
    return Case(path.stem, company, asked, text + body[position:], tuple(labels))


def cases(which: str) -> list[Case]:
    """`tuning` (odd numbers), `held_out` (even numbers), or `fresh`."""
    if which == "fresh":
        return [read(path) for path in sorted((CASES / "fresh").glob("*.md"))]
    odd = which == "tuning"
    return [read(path) for path in sorted((CASES / "answers").glob("*.md")) if int(path.name[:2]) % 2 == odd]


def _points(first: date, values: str) -> tuple[Point, ...]:
    return tuple(Point(months.shift(first, n), Decimal(value)) for n, value in enumerate(values.split()))


def _series(row: dict[str, Any]) -> Series:
    first, points = row.pop("first"), row.pop("values")
    known = _points(first, points)
    ahead = months.shift(known[-1].period, 1)
    return Series(
        points=known,
        forecast=_points(ahead, row.pop("forecast", "")),
        lines={line: _points(first, values) for line, values in row.pop("lines", {}).items()},
        synonyms=tuple(row.pop("synonyms", ())),
        **row,
    )


def _cause(row: dict[str, Any]) -> Cause:
    numbers: dict[str, Any] = {name: Decimal(row[name]) for name in ("points", "amount", "remedy_share") if name in row}
    return Cause(**{**row, **numbers})


def company(name: str) -> tuple[Facts, tuple[Deal, ...]]:
    data = tomllib.loads((CASES / "facts" / f"{name}.toml").read_text())
    today = data["today"]
    facts = Facts(
        today=today,
        company=Company(**data["company"]),
        metrics=tuple(map(_series, data["metrics"])),
        goals=tuple(GoalRecord(**{**row, "target": Decimal(row["target"])}) for row in data.get("goals", ())),
        causes=tuple(map(_cause, data.get("causes", ()))),
        insights=tuple(
            InsightRecord("observation", "ceo", row["title"], row["text"], today, row["about"])
            for row in data.get("insights", ())
        ),
    )
    deals = tuple(Deal(**{**row, "value": Decimal(row["value"])}) for row in data.get("deals", ()))
    return facts, deals


@cache
def known(name: str) -> Knowledge:
    facts, deals = company(name)
    return prepared(facts, deals)


def judged(some: Iterable[Case], without: frozenset[str] = frozenset()) -> list[Judged]:
    return [one for case in some for one in _judged(case, without)]


def _judged(case: Case, without: frozenset[str]) -> Iterator[Judged]:
    checker = Checker(known(case.company), case.asked, without)
    checker.read(case.text, final=True)
    left = list(checker.findings)
    for label in case.labels:
        at = next((one for one in left if one.start < label.end and label.start < one.end), None)
        if at:
            left.remove(at)
        yield Judged(case, label, at)
    for extra in left:
        yield Judged(case, None, extra)


@dataclass(frozen=True, slots=True)
class Score:
    """`precision`: of the figures that are marked as the company's, how many are. `recall`: of those that are, how
    many are marked. The same for those marked as not found, and how often the class is the very one."""

    figures: int
    precision: float
    recall: float
    not_found_precision: float
    not_found_recall: float
    exact: float


def score(some: Iterable[Judged]) -> Score:
    every = [one for one in some if one.label is not None or one.given != "not_a_claim"]
    labelled = [one for one in every if one.label]

    def part(of: list[Judged], what: tuple[str, ...], attribute: str) -> float:
        return round(sum(getattr(one, attribute) in what for one in of) / len(of), 4) if of else 1.0

    return Score(
        len(labelled),
        part([one for one in every if one.given in SUPPORTED], SUPPORTED, "wanted"),
        part([one for one in every if one.wanted in SUPPORTED], SUPPORTED, "given"),
        part([one for one in every if one.given == "not_found"], ("not_found",), "wanted"),
        part([one for one in every if one.wanted == "not_found"], ("not_found",), "given"),
        round(sum(one.wanted == one.given for one in labelled) / len(labelled), 4),
    )
