"""How well figures are judged on the labelled answers, how fast, and what each rule earns."""

import time
from collections.abc import Callable
from typing import Any

from csuite.personas.evidence.checking import HABITS, Checker
from csuite.personas.evidence.exempting import EXEMPTIONS
from csuite.personas.evidence.judging import OF_A_METRIC, OF_A_SENTENCE
from csuite.personas.tokens import count
from tests.personas.labelled import Judged, Score, cases, judged, known, score

SETS = ("tuning", "held_out", "fresh")
RULES = (*OF_A_METRIC, *OF_A_SENTENCE, *(f"exempt:{one.name}" for one in EXEMPTIONS), *HABITS)
TOKENS = 20_000


def evidence(say: Callable[[str], None]) -> dict[str, Any]:
    """Precision, recall, speed, and the figures that would be judged wrong without each rule."""
    every = [case for which in SETS for case in cases(which)]
    whole = judged(every)
    wrong = _wrong(whole)
    found: dict[str, Any] = {which: _plain(score(judged(cases(which)))) for which in SETS}
    found["all"] = _plain(score(whole))
    found["speed"] = _speed()
    found["rules"] = {}
    for rule in RULES:
        less = judged(every, frozenset({rule}))
        change = score(less)
        found["rules"][rule] = {
            "lost": _wrong(less) - wrong,
            "precision": change.precision,
            "recall": change.recall,
        }
        say(f"  without {rule}: {found['rules'][rule]}")
    return found


def _wrong(some: list[Judged]) -> int:
    """Figures that are marked as the company's and are not, or the reverse, or marked and claim nothing."""
    return sum(_kind(one.wanted) != _kind(one.given) for one in some)


def _kind(cls: str) -> str:
    return "supported" if cls in ("found", "calculated") else cls


def _plain(found: Score) -> dict[str, float]:
    return {name: getattr(found, name) for name in found.__slots__}


def _speed() -> dict[str, float]:
    """CPU seconds for an answer of 20,000 tokens, at once and as it comes, sentence by sentence."""
    text = ""
    some = [case.text for case in cases("tuning") if case.company == "northwind"]
    while count(text) < TOKENS:
        text += "\n\n".join([*some, ""])
    text = text[: len(text) * TOKENS // count(text)]
    ready = known("northwind")
    begun = time.process_time()
    whole = Checker(ready)
    whole.read(text, final=True)
    middle = time.process_time()
    pieces = Checker(ready)
    for at in range(0, len(text), 80):
        pieces.read(text[:at])
    pieces.read(text, final=True)
    return {
        "tokens": count(text),
        "figures": len(whole.findings),
        "whole_s": round(middle - begun, 2),
        "pieces_s": round(time.process_time() - middle, 2),
    }


def evidence_lines(found: dict[str, Any]) -> list[str]:
    """The table: a line for each set, then a line for each rule, those that earn most first."""
    rows = [f"{'labelled set':26}{'figures':>8}{'precision':>11}{'recall':>9}   of not found: precision, recall"]
    for which in (*SETS, "all"):
        one = found[which]
        tail = f"{one['not_found_precision']:.3f}, {one['not_found_recall']:.3f}"
        rows.append(f"{which:26}{one['figures']:>8}{one['precision']:>11.3f}{one['recall']:>9.3f}   {tail}")
    speed = found["speed"]
    rows.append(
        f"{speed['tokens']} tokens, {speed['figures']} figures: {speed['whole_s']} s, in pieces {speed['pieces_s']} s"
    )
    rows.append(f"{'without':26}{'more wrong':>12}{'precision':>11}{'recall':>9}")
    for rule, one in sorted(found["rules"].items(), key=lambda item: -item[1]["lost"]):
        rows.append(f"{rule:26}{one['lost']:>12}{one['precision']:>11.3f}{one['recall']:>9.3f}")
    return rows
