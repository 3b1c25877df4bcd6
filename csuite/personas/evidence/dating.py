"""Finds the periods that a sentence names: months, quarters, years, what is relative to today or to another period."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from csuite.personas.evidence import lexicon
from csuite.personas.evidence.records import Span, month
from csuite.profiles import months


@dataclass(frozen=True, slots=True)
class Named:
    """A period named at a place. `spans`: what it may mean, the likeliest first. `back`: months before another period.

    `compared`: it is what something is compared with, by its own words or by the word before it. `of_quarter`: the
    quarter that was spoken of, whichever that is. `also`: the months up to now, for what adds up: `since May`.
    """

    start: int
    end: int
    spans: tuple[Span, ...] = ()
    back: int = 0
    compared: bool = False
    of_quarter: bool = False
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


_NAMES = "|".join(sorted(lexicon.MONTHS, key=len, reverse=True))
_MONTH = re.compile(
    rf"(?<![\w-])(?P<last>last |letzten )?(?P<name>{_NAMES})\.?(?![\w])(?:(?:,| of| de| del)?[   ]+(?P<year>(?:19|20)\d\d)(?!\d)|\s?['’](?P<short>\d\d)(?!\d)|[   ](?P<two>\d\d)(?![\d.,%]))?",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?<!\d)(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])(?:-\d\d)?(?!\d)")
_ORDINALS = {
    **dict.fromkeys(("first", "erste", "erstes", "ersten", "primer", "1st"), 1),
    **dict.fromkeys(("second", "zweite", "zweites", "zweiten", "segundo", "2nd"), 2),
    **dict.fromkeys(("third", "dritte", "drittes", "dritten", "tercer", "3rd"), 3),
    **dict.fromkeys(("fourth", "vierte", "viertes", "vierten", "cuarto", "4th"), 4),
}
_QUARTER = re.compile(
    rf"(?<!\w)(?:Q(?P<n>[1-4])|(?P<word>{'|'.join(_ORDINALS)}) (?:quarter|Quartals?|trimestre)|(?P<t>[1-4])T)(?!\w)"
    r"(?:[   ]?(?:of |de |del |/)?[   ]?(?P<year>(?:19|20)\d\d)(?!\d)|[   ]?['’]?(?P<two>\d\d)(?![\d.,%])| (?P<last>(?:of )?last year))?",
    re.IGNORECASE,
)
_HALF = re.compile(r"(?<!\w)H(?P<n>[12])(?!\w)(?:[ /]?(?P<year>20\d\d))?")
_YEAR = re.compile(r"(?<![\w.,$€£-])(?:FY ?)?(?P<year>20\d\d)(?![\w.,]\d|\w|%)")
_COUNT = "|".join(["\\d{1,2}", *sorted(lexicon.SPELLED, key=len, reverse=True)])
_ROLLING = re.compile(
    rf"(?<!\w)(?:last|past|previous|trailing|rolling|letzten|vergangenen|últimos|over the last|over the past|in the last|in the past)"
    rf" (?P<count>{_COUNT})[ -](?:closed )?(?P<unit>months?|quarters?|Monate?n?|Quartale?n?|meses|trimestres)(?!\w)(?! ago)",
    re.IGNORECASE,
)
_TWELVE = re.compile(r"(?<!\w)(?:LTM|TTM)(?!\w)")
_AGO = re.compile(
    rf"(?<!\w)(?:(?P<ago>{_COUNT}) months (?:ago|earlier|before)|(?:in|within|over) (?P<within>{_COUNT}) (?:months|Monaten|meses))(?!\w)",
    re.IGNORECASE,
)
_TO_DATE_COUNT = re.compile(
    rf"(?<!\w)(?:(?:first|ersten|primeros) (?P<count>{_COUNT}) (?:months|Monaten?|meses)"
    rf"|the (?P<the>{_COUNT}) months(?: of this year| to \w+)?|(?:after|nach|tras) (?P<after>{_COUNT}) (?:months|Monaten|meses))(?!\w)",
    re.IGNORECASE,
)
_FROM_TO = re.compile(
    rf"(?<!\w)(?:(?:between|from|von|zwischen|entre|de) (?P<a>{_NAMES})(?: (?:de )?(?P<from>20\d\d))? (?:and|to|through|bis|und|y|a) "
    rf"|(?P<c>{_NAMES})(?: through | bis |\s?[–-]\s?))(?P<b>{_NAMES})(?!\w)(?: (?P<year>20\d\d))?",
    re.IGNORECASE,
)
_SINCE = re.compile(rf"(?<!\w)(?:since|seit|desde) (?P<a>{_NAMES})(?!\w)(?: (?:de )?(?P<year>20\d\d))?", re.IGNORECASE)

# words -> the months back, for what is relative to another period
_RELATIVE: tuple[tuple[re.Pattern[str], int, bool], ...] = (
    (
        lexicon.pattern(
            r"(?:a|one) year (?:ago|earlier|before|previously)|the year before|(?:the )?(?:prior|previous|preceding) year|last year(?:['’]s)?"
            r"|(?:12|twelve) months (?:ago|earlier|before)|same (?:month|quarter|period) (?:of )?last year|y/y|yoy|a year prior|year[- ]on[- ]year"
            r"|year[- ]over[- ]year|on the year|in a year|(?:over|in|during) the (?:past|last) year"
            r"|vor einem Jahr|(?:ein|im) Jahr zuvor|zum Vorjahr|Vorjahr(?:es\w*)?|innerhalb eines Jahres|über zwölf Monate"
            r"|vorigen Jahres|letzten Jahres|im Jahresvergleich"
            r"|hace (?:un año|doce meses)|(?:el |del )?año (?:pasado|anterior)|interanual|en un año|en ese año"
        ),
        12,
        True,
    ),
    (
        lexicon.pattern(
            r"(?:a|one) month (?:ago|earlier|before)|the month before|(?:the )?(?:prior|previous|preceding) month|last month(?:['’]s)?"
            r"|m/m|mom|month[- ]on[- ]month|month[- ]over[- ]month|on the month|in a month|month before last"
            r"|Vormonat(?:s|es)?|zum Vormonat|hace un mes|(?:el )?mes (?:pasado|anterior)|intermensual"
        ),
        1,
        True,
    ),
    (
        lexicon.pattern(
            r"(?:the )?(?:quarter before|(?:prior|previous|preceding|last) quarter)|a quarter (?:ago|earlier)|q/q|qoq|on the quarter"
            r"|Vorquartal(?:s)?|trimestre anterior"
        ),
        3,
        True,
    ),
)
_NOW = lexicon.pattern(r"this month|aktuell|heute|este mes|diesen Monat|today|right now|at the moment|this month['’]s")
_THIS_QUARTER = lexicon.pattern(r"(?:the|this|for the|over the|im|el|este) (?:quarter|Quartal|trimestre)(?! before)")
_TO_DATE = lexicon.pattern(
    r"year[- ]to[- ]date|ytd|so far this year|this year so far|(?:for )?the year so far|since January|since the start of the year"
    r"|this year|year so far|im laufenden (?:geschäfts)?jahr(?:es)?|des laufenden geschäftsjahres|im geschäftsjahr(?: bisher)?"
    r"|seit beginn des (?:geschäfts)?jahres|mittel des geschäftsjahres|bisher(?:ige[nrs]?)?|en lo que va de año|este año|llevamos|so far"
)
_FULL_YEAR = lexicon.pattern(
    r"for the (?:full )?year|full[- ]year|the year|by the end of the year|in the year|gesamtjahr|el año|del año"
)
_YEAR_END = lexicon.pattern(r"(?:at )?(?:the )?year[- ]end|end of (?:the|last) year|Jahresende|fin de año")
_COMPARED_BEFORE = re.compile(
    r"(?:^|[\s(])(?:(?:from|versus|vs\.?|against|after|compared (?:with|to)|von|nach|gegenüber|desde|frente a|tras|instead of)"
    r" [^,;()]{1,24}?(?: (?:in|im|en|at|as of))?|compared with|comparad[oa]s? con|verglichen mit|im vergleich (?:zu|mit)|than|than in|than at the end of|than it was in|from|since|against|versus|vs\.?|compared (?:with|to)(?: the)?|on|over"
    r"|after|above|below|before|under|beyond|ahead of|behind|up on|down on|gegenüber|als|als im|als noch im|nach|zum|seit|unter|über|unter dem|als vor"
    r"|que|que en|frente a|sobre|desde|después del?|tras|contra|respecto a|que hace)"
    r"\s+(?:(?:the|that of|those of|in|im|in the|dem|den|der|last|el|la|same month of|same|unter|at|end of)\s+){0,3}$",
    re.IGNORECASE,
)


def periods(text: str, clock: Clock) -> list[Named]:
    """What the sentence names, from left to right, none overlapping; the longest wins."""
    found = sorted(
        (named for find in _FINDERS for named in find(text, clock)), key=lambda named: (named.start, -named.end)
    )
    kept: list[Named] = []
    for named in found:
        if not kept or named.start >= kept[-1].end:
            kept.append(_with_role(text, named))
    return kept


def _with_role(text: str, named: Named) -> Named:
    if named.compared:
        return named
    compared = bool(_COMPARED_BEFORE.search(text[max(0, named.start - 40) : named.start]))
    return replace(named, compared=compared or _opens_brackets(text, named))


def _opens_brackets(text: str, named: Named) -> bool:
    """`(September: 22)`, `(Q2 $6.86m)`: an aside for comparison."""
    return text[: named.start].rstrip().endswith("(") and text[named.end : named.end + 1] != ")"


def _months(text: str, clock: Clock) -> Iterator[Named]:
    for found in _MONTH.finditer(text):
        name = found["name"]
        year = found["year"] or (f"20{found['short'] or found['two']}" if found["short"] or found["two"] else None)
        if _is_no_month(name, text, found.start("name"), year):
            continue
        number = lexicon.MONTHS[name.lower()]
        spans = _of_month(number, int(year) if year else None, clock)
        if found["last"] and number == clock.newest.month:
            spans = (spans[0].shifted(-12),)
        yield Named(found.start(), found.end(), spans)
    for found in _ISO.finditer(text):
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
    for found in _QUARTER.finditer(text):
        number = int(found["n"] or found["t"] or _ORDINALS[found["word"].lower()])
        year = found["year"] or (f"20{found['two']}" if found["two"] else None)
        spans = tuple(
            _quarter(number, fiscal, int(year) if year else None, clock) for fiscal in dict.fromkeys((clock.fiscal, 1))
        )
        if found["last"]:
            spans = tuple(span.shifted(-12) if span.last.year == clock.newest.year else span for span in spans)
        yield Named(found.start(), found.end(), spans)
    for found in _HALF.finditer(text):
        first = _quarter(int(found["n"]) * 2 - 1, clock.fiscal, int(found["year"]) if found["year"] else None, clock)
        yield Named(found.start(), found.end(), (Span(first.first, months.shift(first.first, 5)),))


def _quarter(number: int, fiscal: int, year: int | None, clock: Clock) -> Span:
    """The latest such quarter that has begun, or the one of the year."""
    begin = (fiscal - 1 + (number - 1) * 3) % 12 + 1
    if year is None:
        first = months.shift(clock.newest, -((clock.newest.month - begin) % 12))
    else:
        first = date(year - 1 if fiscal > 1 and begin >= fiscal else year, begin, 1)
    return Span(first, months.shift(first, 2))


def _years(text: str, clock: Clock) -> Iterator[Named]:
    for found in _YEAR.finditer(text):
        first = date(int(found["year"]), 1, 1)
        yield Named(found.start(), found.end(), (Span(first, months.shift(first, 11)),))
    for found in _YEAR_END.finditer(text):
        yield Named(found.start(), found.end(), (month(months.shift(clock.year().first, -1)), month(clock.year().last)))
    for found in _FULL_YEAR.finditer(text):
        yield Named(found.start(), found.end(), (clock.year(),))


def _rolling(text: str, clock: Clock) -> Iterator[Named]:
    for found in _ROLLING.finditer(text):
        count = _counted(found["count"]) * (3 if found["unit"][0] in "qQtT" else 1)
        span = Span(months.shift(clock.newest, 1 - count), clock.newest)
        yield Named(found.start(), found.end(), (span, span.shifted(-1)))
    for found in _TWELVE.finditer(text):
        yield Named(found.start(), found.end(), (Span(months.shift(clock.newest, -11), clock.newest),))
    for found in _AGO.finditer(text):
        back = _counted(found["ago"] or found["within"])
        also = () if found["ago"] else (Span(months.shift(clock.newest, 1 - back), clock.newest),)
        yield Named(found.start(), found.end(), (), back, True, also=also)
    for found in _SINCE.finditer(text):
        spans = _of_month(lexicon.MONTHS[found["a"].lower()], int(found["year"]) if found["year"] else None, clock)
        also = (Span(spans[0].first, clock.newest),) if spans[0].first <= clock.newest else ()
        yield Named(found.start(), found.end(), spans, compared=True, also=also)
    for found in _TO_DATE_COUNT.finditer(text):
        count = _counted(found["count"] or found["the"] or found["after"])
        if count == clock.to_date.length:
            yield Named(found.start(), found.end(), (clock.to_date,))
    for found in _FROM_TO.finditer(text):
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
    for words, back, compared in _RELATIVE:
        for found in words.finditer(text):
            yield Named(found.start(), found.end(), (), back, compared)
    for words, span in ((_NOW, month(clock.newest)), (_TO_DATE, clock.to_date)):
        for found in words.finditer(text):
            yield Named(found.start(), found.end(), (span,))
    for found in _THIS_QUARTER.finditer(text):
        yield Named(found.start(), found.end(), _this_quarter(clock), of_quarter=True)


def _this_quarter(clock: Clock) -> tuple[Span, ...]:
    """The newest that has ended, the one that runs, and the last three months."""
    first = months.quarter_start(clock.newest, clock.fiscal)
    running = Span(first, months.shift(first, 2))
    ended = () if running.last == clock.newest else (running.shifted(-3),)
    return tuple(dict.fromkeys((*ended, running, Span(months.shift(clock.newest, -2), clock.newest))))


_FINDERS: tuple[Callable[[str, Clock], Iterator[Named]], ...] = (_months, _quarters, _years, _rolling, _relative)
