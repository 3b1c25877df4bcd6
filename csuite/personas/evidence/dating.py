"""Finds the periods that a sentence names: months, quarters, years, what is relative to today or to another period."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from csuite.personas.evidence import datewords, lexicon
from csuite.personas.evidence.records import Span, month
from csuite.profiles import months


@dataclass(frozen=True, slots=True)
class Named:
    """A period named at a place. `spans`: what it may mean, the likeliest first. `back`: months before another period.

    `compared`: it is what something is compared with, by its own words or by the word before it. `of_quarter`: the
    quarter that was spoken of, whichever that is. `lasts`: a time between two
    periods, as `in a year`. `also`: the months up to now, for what adds up: `since May`.
    """

    start: int
    end: int
    spans: tuple[Span, ...] = ()
    back: int = 0
    compared: bool = False
    of_quarter: bool = False
    lasts: bool = False
    also: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """What relative words are relative to."""

    newest: date
    fiscal: int = 1

    def year(self, calendar: bool = False) -> Span:
        first = months.year_start(self.newest, 1 if calendar else self.fiscal)
        return Span(first, months.shift(first, 11))

    @property
    def to_date(self) -> Span:
        return Span(self.year().first, self.newest)


def periods(text: str, clock: Clock) -> list[Named]:
    """What the sentence names, from left to right, none overlapping; the longest wins."""
    low = text.casefold()
    finders = [find for find, hints in _FINDERS if any(hint in low for hint in hints)]
    found = sorted((one for find in finders for one in find(text, clock)), key=lambda named: (named.start, -named.end))
    kept: list[Named] = []
    for named in found:
        if not kept or named.start >= kept[-1].end:
            kept.append(_with_role(text, named))
    return kept


def _with_role(text: str, named: Named) -> Named:
    if named.compared:
        return named
    compared = bool(datewords.COMPARED_BEFORE.search(text[max(0, named.start - 40) : named.start]))
    return replace(named, compared=compared or _opens_brackets(text, named))


def _opens_brackets(text: str, named: Named) -> bool:
    """`(September: 22)`, `(Q2 $6.86m)`: an aside for comparison."""
    return text[: named.start].rstrip().endswith("(") and text[named.end : named.end + 1] != ")"


def _months(text: str, clock: Clock) -> Iterator[Named]:
    for found in datewords.MONTH.finditer(text):
        name = found["name"]
        year, end = found["year"], found.end()
        if short := found["short"] or found["two"]:
            near = abs(int(short) + 2000 - clock.newest.year) <= 2
            year, end = (f"20{short}", end) if near else (None, found.end("name"))
        if _is_no_month(name, text, found.start("name"), year):
            continue
        number = lexicon.MONTHS[name.lower()]
        spans = _of_month(number, int(year) if year else None, clock)
        if found["last"] and number == clock.newest.month:
            spans = (spans[0].shifted(-12),)
        yield Named(found.start(), end, spans)
    for found in datewords.ISO.finditer(text):
        yield Named(found.start(), found.end(), (month(date(int(found["year"]), int(found["month"]), 1)),))


def _is_no_month(name: str, text: str, start: int, year: str | None) -> bool:
    """`may`, `mar`, `dec` as words; months of English and German have capitals."""
    if name[0].isupper():
        return (
            name.lower() == "may"
            and year is None
            and not re.search(r"(?:in|since|of|by|until|from|to|and)\s$", text[:start])
        )
    return len(name) < 4 or (name.lower() in {"march", "august", "may", "juni", "juli", "april"} and year is None)


def _of_month(number: int, year: int | None, clock: Clock) -> tuple[Span, ...]:
    if year is not None:
        return (month(date(year, number, 1)),)
    back = (clock.newest.month - number) % 12
    past = months.shift(clock.newest, -back)
    coming = months.shift(past, 12)
    return (month(past), month(coming)) if back else (month(past),)


def _quarters(text: str, clock: Clock) -> Iterator[Named]:
    for found in datewords.QUARTER.finditer(text):
        number = int(found["n"] or found["t"] or datewords.ORDINALS[(found["word"] or found["bare"]).lower()])
        year = found["year"] or (f"20{found['two']}" if found["two"] else None)
        spans = tuple(
            _quarter(number, fiscal, int(year) if year else None, clock) for fiscal in dict.fromkeys((clock.fiscal, 1))
        )
        if found["last"]:
            spans = tuple(span.shifted(-12) if span.last.year == clock.newest.year else span for span in spans)
        yield Named(found.start(), found.end(), spans)
    for found in datewords.FINAL.finditer(text):
        october = date(int(found["year"]), 10, 1)
        yield Named(found.start(), found.end(), (Span(october, months.shift(october, 2)),))
    for found in datewords.HALF.finditer(text):
        number = int(found["n"] or datewords.ORDINALS[found["word"].lower()]) * 2 - 1
        first = _quarter(number, clock.fiscal, int(found["year"]) if found["year"] else None, clock)
        half = Span(first.first, months.shift(first.first, 5))
        this_year = half.last >= clock.year().first
        yield Named(found.start(), found.end(), (half.shifted(-12) if found["last"] and this_year else half,))


def _quarter(number: int, fiscal: int, year: int | None, clock: Clock) -> Span:
    """The latest such quarter that has begun, or the one of the year."""
    begin = (fiscal - 1 + (number - 1) * 3) % 12 + 1
    if year is None:
        first = months.shift(clock.newest, -((clock.newest.month - begin) % 12))
    else:
        first = date(year - 1 if fiscal > 1 and begin >= fiscal else year, begin, 1)
    return Span(first, months.shift(first, 2))


def _years(text: str, clock: Clock) -> Iterator[Named]:
    for found in datewords.YEAR.finditer(text):
        first = date(int(found["year"]), 1, 1)
        yield Named(found.start(), found.end(), (Span(first, months.shift(first, 11)),))
    for found in datewords.YEAR_END.finditer(text):
        yield Named(found.start(), found.end(), (month(months.shift(clock.year().first, -1)), month(clock.year().last)))
    for found in datewords.FULL_YEAR.finditer(text):
        yield Named(found.start(), found.end(), (clock.year(),))


def _rolling(text: str, clock: Clock) -> Iterator[Named]:
    for found in datewords.ROLLING.finditer(text):
        count = _counted(found["count"]) * (3 if found["unit"][0] in "qQtT" else 1)
        span = Span(months.shift(clock.newest, 1 - count), clock.newest)
        yield Named(found.start(), found.end(), (span, span.shifted(-1)))
    for found in datewords.THOSE_BEFORE.finditer(text):
        count = _counted(found["count"])
        span = Span(months.shift(clock.newest, 1 - count), clock.newest)
        yield Named(found.start(), found.end(), (span.shifted(-count),))
    for found in datewords.TWELVE.finditer(text):
        yield Named(found.start(), found.end(), (Span(months.shift(clock.newest, -11), clock.newest),))
    for found in datewords.AGO.finditer(text):
        back = _counted(found["ago"] or found["within"])
        also = () if found["ago"] else (Span(months.shift(clock.newest, 1 - back), clock.newest),)
        yield Named(found.start(), found.end(), (), back, True, also=also)
    for found in datewords.TO_DATE_COUNT.finditer(text):
        count = _counted(found["count"] or found["the"] or found["after"])
        if count == clock.to_date.length:
            yield Named(found.start(), found.end(), (clock.to_date,))


def _ranges(text: str, clock: Clock) -> Iterator[Named]:
    for found in datewords.SINCE.finditer(text):
        spans = _of_month(lexicon.MONTHS[found["a"].lower()], int(found["year"]) if found["year"] else None, clock)
        also = (Span(spans[0].first, clock.newest),) if spans[0].first <= clock.newest else ()
        yield Named(found.start(), found.end(), spans, compared=True, also=also)
    for found in datewords.FROM_TO.finditer(text):
        year = int(found["year"]) if found["year"] else None
        last = _of_month(lexicon.MONTHS[found["b"].lower()], year, clock)[0].last
        number = lexicon.MONTHS[(found["a"] or found["c"]).lower()]
        first = (
            date(int(found["from"]), number, 1) if found["from"] else months.shift(last, -((last.month - number) % 12))
        )
        if first <= last:
            yield Named(found.start(), found.end(), (Span(first, last),))


def _counted(text: str) -> int:
    return int(text) if text.isdigit() else lexicon.SPELLED[text.lower()]


def _relative(text: str, clock: Clock) -> Iterator[Named]:
    for words, back in datewords.OVER:
        for found in words.finditer(text):
            yield Named(found.start(), found.end(), (), back, True, lasts=True)
    for words, back, compared in datewords.RELATIVE:
        for found in words.finditer(text):
            yield Named(found.start(), found.end(), (), back, compared)
    for words, span in ((datewords.NOW, month(clock.newest)), (datewords.TO_DATE, clock.to_date)):
        for found in words.finditer(text):
            yield Named(found.start(), found.end(), (span,))
    for found in datewords.THIS_QUARTER.finditer(text):
        yield Named(found.start(), found.end(), _this_quarter(clock), of_quarter=True)


def _this_quarter(clock: Clock) -> tuple[Span, ...]:
    """The newest that has ended, the one that runs, and the last three months."""
    first = months.quarter_start(clock.newest, clock.fiscal)
    running = Span(first, months.shift(first, 2))
    ended = () if running.last == clock.newest else (running.shifted(-3),)
    return tuple(dict.fromkeys((*ended, running, Span(months.shift(clock.newest, -2), clock.newest))))


# Each with parts of words, one of which a text must hold to be looked at: looking is slow, and most sentences name no
# period.
_FINDERS: tuple[tuple[Callable[[str, Clock], Iterator[Named]], tuple[str, ...]], ...] = (
    (_months, (*datewords.OF_MONTHS, "20")),
    (_quarters, datewords.OF_QUARTERS),
    (_years, ("20", "year", "jahr", "año")),
    (_rolling, datewords.OF_ROLLING),
    (_ranges, datewords.OF_MONTHS),
    (_relative, datewords.OF_RELATIVE),
)
