"""Which months a question is about."""

import re
from dataclasses import dataclass
from datetime import date

from csuite.personas.analyst.lexicon import NUMBERS
from csuite.personas.vocabulary import MONTHS
from csuite.profiles import months


@dataclass(frozen=True, slots=True)
class Window:
    """From `first` to `last`, both first days of months. `kind`: month, last, since, quarter, year."""

    first: date
    last: date
    kind: str

    @property
    def length(self) -> int:
        return months.between(self.first, self.last) + 1


_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_NUMBER = rf"\d{{1,2}}|{'|'.join(NUMBERS)}"
_NAMED = re.compile(rf"\b({_MONTH})\b\.?(?:\s+(?:of\s+|de\s+)?(20\d\d))?", re.IGNORECASE)
_SINCE = re.compile(rf"\b(?:since|from|seit|ab|desde)\s+({_MONTH})\b(?:\s+(20\d\d))?", re.IGNORECASE)
_LAST_N = re.compile(
    rf"\b(?:last|past|previous|letzten|vergangenen|últimos)\s+({_NUMBER})\s+(?:months?|monaten?|meses)\b", re.IGNORECASE
)
_QUARTER = re.compile(
    r"\bq([1-4])\b|\b(first|second|third|fourth)\s+quarter|\b([1-4])\.\s*quartal|\b(primer|segundo|tercer|cuarto)\s+trimestre",
    re.IGNORECASE,
)
_QUARTER_WORDS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "primer": 1, "segundo": 2, "tercer": 3, "cuarto": 4}
_THIS_QUARTER = re.compile(r"\b(?:this|the) quarter\b|dieses quartal|este trimestre", re.IGNORECASE)
_LAST_QUARTER = re.compile(r"\b(?:last|previous) quarter\b|letztes quartal|trimestre pasado", re.IGNORECASE)
_THIS_YEAR = re.compile(
    r"\bthis year\b|\byear to date\b|\bytd\b|\bso far\b|dieses jahr|in diesem jahr|este año", re.IGNORECASE
)
_A_YEAR = re.compile(r"\b(20\d\d)\b")
_LAST_MONTH = re.compile(r"\b(?:last|latest|this) month\b|letzten monat|mes pasado|último mes", re.IGNORECASE)


def windows(question: str, newest: date, fiscal_start: int) -> list[Window]:
    """The months a question names, relative to the newest closed month; several when several are named."""
    text = _without_modal_may(question)
    since = _SINCE.search(text)
    if since:
        first = _resolve(since[1], since[2], newest)
        return [Window(first, newest, "since")] if first <= newest else []
    counted = _LAST_N.search(text)
    if counted:
        count = _number(counted[1])
        return [Window(months.shift(newest, 1 - count), newest, "last")] if count else []
    named = [_resolve(found[1], found[2], newest) for found in _NAMED.finditer(text)]
    if named:
        return [Window(period, period, "month") for period in dict.fromkeys(named)]
    return _relative(text, newest, fiscal_start)


def _relative(text: str, newest: date, fiscal_start: int) -> list[Window]:
    quarter = months.quarter_start(newest, fiscal_start)
    named = _QUARTER.search(text)
    if named:
        number = int(named[1] or named[3] or _QUARTER_WORDS[(named[2] or named[4]).lower()])
        first = months.shift(months.year_start(newest, fiscal_start), 3 * (number - 1))
        first = first if first <= newest else months.shift(first, -12)
        return [Window(first, min(months.shift(first, 2), newest), "quarter")]
    if _LAST_QUARTER.search(text):
        return [Window(months.shift(quarter, -3), months.shift(quarter, -1), "quarter")]
    if _THIS_QUARTER.search(text):
        return [Window(quarter, newest, "quarter")]
    if _THIS_YEAR.search(text):
        return [Window(months.year_start(newest, fiscal_start), newest, "year")]
    if _LAST_MONTH.search(text):
        return [Window(newest, newest, "month")]
    year = _A_YEAR.search(text)
    if year and date(int(year[1]), 1, 1) <= newest:
        first = date(int(year[1]), 1, 1)
        return [Window(first, min(months.shift(first, 11), newest), "year")]
    return []


def _without_modal_may(question: str) -> str:
    """`May we …` and `it may …` are no month: only a capital May after a preposition, or with a year, is."""
    kept = re.compile(r"(?:\b(?:in|since|from|of|to|until|for|and|vs|versus|than|with)\s+May\b)|(?:\bMay\s+20\d\d)")
    marked = kept.sub(lambda found: found[0].replace("May", "\0"), question)
    return re.sub(r"\bmay\b", "", marked, flags=re.IGNORECASE).replace("\0", "May")


def _number(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word.lower()]


def _resolve(name: str, year: str | None, newest: date) -> date:
    """The month of that name: of the year said, else the latest one that is not after the newest closed month."""
    month = MONTHS[name.lower()]
    if year:
        return date(int(year), month, 1)
    period = date(newest.year, month, 1)
    return period if period <= newest else date(newest.year - 1, month, 1)
