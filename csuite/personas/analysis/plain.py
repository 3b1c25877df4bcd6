"""Facts and view by rules alone: what one gets when no model can read or tell."""

import re
from collections.abc import Iterator, Sequence

from csuite.personas.analysis.checking import LONG
from csuite.personas.analysis.dossier import Dossier, Source
from csuite.personas.analysis.results import MOST_FACTS, Check, CheckedFact, Fact, Kind, Standing, View

_SENTENCE = re.compile(r"[^.!?;\n]+(?:\.\d[^.!?;\n]*)*[.!?]?")
# Words by which a sentence says what it is about; English, German and Spanish stems. The first kind that fits holds.
WORDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("blocker", ("waiting", "blocked", "on hold", "delay", "dispute", "missing", "refus", "wartet", "fehlt", "verzög",
                 "espera", "falta", "retras")),
    ("payment", ("pay", "invoice", "wire", "zahl", "rechnung", "pago", "factura")),
    ("delivery", ("deliver", "ship", "install", "liefer", "entrega", "envío")),
    ("decision", ("decid", "decision", "approv", "sign", "board", "entscheid", "unterschr", "decisión", "firma")),
    ("requirement", ("require", "needs", "must", "certificate", "braucht", "muss", "necesita")),
    ("competitor", ("competitor", "alternative offer", "wettbewerb", "competidor")),
)  # fmt: skip


def facts(dossier: Dossier) -> list[Fact]:
    """Sentences that say by a word of theirs what they are about, as they stand, of the newest sources first."""
    found = [fact for source in dossier.sources for fact in _of(source)]
    return found[:MOST_FACTS]


def _of(source: Source) -> Iterator[Fact]:
    for sentence in (match[0].strip() for match in _SENTENCE.finditer(source.text)):
        low = sentence.casefold()
        kind = next((kind for kind, words in WORDS if any(word in low for word in words)), None)
        if kind is not None:
            yield Fact(kind=kind, statement=sentence[:600], quote=sentence[:1000], source=source.number)


def view(dossier: Dossier, checks: Sequence[Check], facts: Sequence[CheckedFact]) -> View:
    """Three sentences at most, and what the rules would do next."""
    bad = [check.text for check in checks if check.state == "bad"]
    warn = [check.text for check in checks if check.state == "warn"]
    contradicted = [f"{fact.statement.rstrip('.')}: {fact.reason}" for fact in facts if fact.verdict == "contradicted"]
    blockers = [fact.statement for fact in facts if fact.kind == "blocker" and fact.verdict == "unchecked"]
    return View(
        standing=_standing(dossier, bad, warn, [*contradicted, *blockers]),
        view=" ".join([_first(dossier), *(bad or warn)[:2]]),
        risks=([*contradicted, *blockers] or bad)[:4],
        next_steps=list(_steps(dossier))[:3],
        open_questions=list(_questions(dossier)),
    )


def _first(dossier: Dossier) -> str:
    named = not dossier.customer or dossier.customer in dossier.title
    of = "" if named else f" of {dossier.customer}"
    worth = f", worth {dossier.money(dossier.value)}," if dossier.value is not None else ""
    return f"{dossier.title}{of}{worth} is in {dossier.stage}."


def _standing(dossier: Dossier, bad: Sequence[str], warn: Sequence[str], said: Sequence[str]) -> Standing:
    if not dossier.is_open:
        return "at_risk" if bad else "on_course"
    usual = dossier.usual_days or LONG
    if dossier.days is not None and dossier.days > 2 * usual:
        return "stuck"
    if bad or said:
        return "at_risk"
    return "unclear" if len(warn) > 1 else "on_course"


def _steps(dossier: Dossier) -> Iterator[str]:
    for bill in dossier.bills:
        if bill.is_late(dossier.today):
            settle = "Settle the dispute over" if bill.disputed else "Remind the customer of"
            yield f"{settle} invoice {bill.number}."
    if dossier.is_open:
        if not dossier.owner:
            yield "Give it an owner."
        if dossier.value is None:
            yield "Enter its value."
        if dossier.days is None or dossier.days > (dossier.usual_days or LONG):
            yield f"Ask {dossier.customer or 'the customer'} what still stands in the way."


def _questions(dossier: Dossier) -> Iterator[str]:
    if dossier.is_open and not dossier.sources:
        yield "What was last agreed with the customer?"
    if dossier.entered_on is None:
        yield f"Since when is it in {dossier.stage}?"
