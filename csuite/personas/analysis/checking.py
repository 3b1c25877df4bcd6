"""Facts held against the records, and what the records say by themselves. Rules only: the same each time.

A fact counts for nothing unless its words stand in a source. A record outweighs a note.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from csuite.personas.analysis.dossier import Dossier, Source
from csuite.personas.analysis.results import Check, CheckedFact, Fact, Verdict
from csuite.personas.evidence.scanning import scan
from csuite.profiles.months import NAMES, day

LONG = 60  # days in a stage where nobody knows what is usual
SILENT = 30  # days without a word
CLOSE = Decimal("0.005")  # of an amount, for what was rounded in writing
_SPACE = re.compile(r"\W+")


def checked(facts: Sequence[Fact], dossier: Dossier) -> list[CheckedFact]:
    """In their order."""
    return [_checked(fact, dossier) for fact in facts]


def _checked(fact: Fact, dossier: Dossier) -> CheckedFact:
    source = source_of(fact, dossier.sources)
    if source is None:
        return _judged(fact, "unsupported", "These words stand in none of the sources.")
    fact = fact.model_copy(update={"source": source.number})
    if fact.amount is not None and not _writes_amount(fact):
        return _judged(fact, "unsupported", "The amount does not stand in these words.")
    if fact.day is not None and not _writes_day(fact):
        fact = fact.model_copy(update={"day": None})
    verdict, reason = _against_records(fact, dossier)
    if verdict == "unchecked" and source.written_on and dossier.entered_on and source.written_on < dossier.entered_on:
        reason = f"Written on {day(source.written_on)}, before the deal came to {dossier.stage}."
    return _judged(fact, verdict, reason)


def source_of(fact: Fact, sources: Sequence[Source]) -> Source | None:
    """The source in which the quote stands, letter for letter but for case, spaces and marks; the one named first."""
    wanted = _plain(fact.quote)
    if not wanted:
        return None
    ordered = sorted(sources, key=lambda source: source.number != fact.source)
    return next((source for source in ordered if wanted in _plain(source.text)), None)


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text.casefold()).strip()


def _writes_amount(fact: Fact) -> bool:
    assert fact.amount is not None
    return any(reading.value == fact.amount for figure in scan(fact.quote) for reading in figure.readings)


def _writes_day(fact: Fact) -> bool:
    """Day and month are written, as 13 October, 13.10. or 2026-10-13."""
    assert fact.day is not None
    numbers = {int(number) for number in re.findall(r"\d+", fact.quote)}
    named = NAMES[fact.day.month - 1][:3].casefold() in fact.quote.casefold()
    return fact.day.day in numbers and (named or fact.day.month in numbers)


def _judged(fact: Fact, verdict: Verdict, reason: str) -> CheckedFact:
    return CheckedFact(**fact.model_dump(), verdict=verdict, reason=reason)


def _against_records(fact: Fact, dossier: Dossier) -> tuple[Verdict, str]:
    if fact.kind == "value" and fact.amount is not None:
        return _value(fact.amount, fact.currency, dossier)
    if fact.kind in ("payment", "promise") and fact.amount is not None:
        bill = next((bill for bill in dossier.bills if _equal(bill.amount, fact.amount)), None)
        if bill is not None:
            paid = f"paid on {day(bill.settled_on)}" if bill.settled_on else "not paid yet"
            return "confirmed", f"Invoice {bill.number} is over this amount and {paid}."
    if fact.day is not None and fact.day < dossier.today and dossier.is_open:
        return _passed(fact, dossier)
    return "unchecked", "The records say nothing about it."


def _value(amount: Decimal, currency: str | None, dossier: Dossier) -> tuple[Verdict, str]:
    if dossier.value is None:
        return "unchecked", "The deal has no value in the records."
    if currency and currency.upper() != dossier.currency:
        return "unchecked", f"The records are in {dossier.currency}."
    if _equal(amount, dossier.value):
        return "confirmed", "It is the value in the records."
    return "contradicted", f"The value in the records is {dossier.money(dossier.value)}."


def _passed(fact: Fact, dossier: Dossier) -> tuple[Verdict, str]:
    """A day that was to bring something, and is over."""
    assert fact.day is not None
    late = [bill for bill in dossier.bills if bill.is_late(dossier.today)]
    if fact.kind in ("payment", "promise") and late:
        numbers = ", ".join(bill.number for bill in late)
        return "contradicted", f"{day(fact.day)} is over, and {numbers} is not paid."
    if fact.kind in ("payment", "promise") and dossier.bills and all(bill.settled_on for bill in dossier.bills):
        return "confirmed", "Every invoice of the deal is paid."
    if fact.kind in ("delivery", "decision"):
        return "contradicted", f"{day(fact.day)} is over, and the deal is still in {dossier.stage}."
    return "unchecked", "The records say nothing about it."


def _equal(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= CLOSE * abs(other)


def checks(dossier: Dossier) -> list[Check]:
    """What the rows alone say, the worst first."""
    order = {"bad": 0, "warn": 1, "ok": 2}
    return sorted(_checks(dossier), key=lambda check: order[check.state])


def _checks(dossier: Dossier) -> Iterator[Check]:
    yield from _bills(dossier)
    if dossier.is_open:
        yield from _stay(dossier)
        yield from _words(dossier)
        if dossier.value is None:
            yield Check(state="warn", text="It has no value, so it is in no forecast.")
        if not dossier.owner:
            yield Check(state="warn", text="Nobody owns it.")


def _bills(dossier: Dossier) -> Iterator[Check]:
    for bill in dossier.bills:
        amount = dossier.money(bill.amount)
        if bill.is_late(dossier.today):
            days = (dossier.today - bill.due_on).days
            disputed = " and disputed" if bill.disputed else ""
            yield Check(state="bad", text=f"Invoice {bill.number} over {amount} is {days} days late{disputed}.")
        elif bill.settled_on is None:
            yield Check(state="ok", text=f"Invoice {bill.number} over {amount} is due on {day(bill.due_on)}.")
        if bill.promised_on and bill.promised_on < dossier.today and bill.settled_on is None:
            yield Check(state="bad", text=f"Payment was promised for {day(bill.promised_on)} and did not come.")


def _stay(dossier: Dossier) -> Iterator[Check]:
    days, usual = dossier.days, dossier.usual_days
    if days is None:
        yield Check(state="warn", text=f"Since when it is in {dossier.stage} is not known.")
    elif usual is not None and days > usual:
        state: Check = Check(state="bad" if days > 2 * usual else "warn", text="")
        yield state.model_copy(update={"text": f"It has been in {dossier.stage} for {days} days; {usual} are usual."})
    elif usual is None and days > LONG:
        yield Check(state="warn", text=f"It has been in {dossier.stage} for {days} days.")
    else:
        yield Check(state="ok", text=f"It has been in {dossier.stage} for {days} days.")


def _words(dossier: Dossier) -> Iterator[Check]:
    last = dossier.last_written
    if last is None:
        yield Check(state="warn", text="Nothing is written about it.")
    elif dossier.today - last > timedelta(days=SILENT):
        yield Check(state="warn", text=f"The last note is of {day(last)}, {(dossier.today - last).days} days ago.")
