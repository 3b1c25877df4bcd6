"""Finds the numbers of a sentence with their sign, currency, scale and unit."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from csuite.personas.evidence import lexicon, numerals
from csuite.personas.evidence.records import Figure, Kind, Reading

MINUS = "−–-"  # the hyphen last: it stands in classes
_BEFORE = re.compile(
    rf"(?P<sign>(?<![\w%€$£])(?:[+±]\s?|(?<=[(|:])\s?−\s?|[{MINUS}]))?(?P<cur>US\$|[$€£¥]|\b(?:EUR|USD|GBP"
    rf"|CHF)\s?)?(?P<inner>[+{MINUS}])?$"
)
_SCALE = re.compile(
    r"[   ]{0,2}(?:(?P<money>[TkMm]€|[TM]EUR)(?!\w)|(?P<short>[kKmMBb]n?)(?![\w])"
    r"|(?P<word>thousand|millions?|billion|Tsd\.?|Tausend|Mio\.?|Millionen|Mrd\.?|Milliarden?|millones"
    r"|millón|mil|mn|bn)(?!\w))",
)
_CURRENCY = re.compile(
    r"[   ]{0,2}(?:de )?(?P<cur>[€$£]|(?:EUR|USD|GBP|CHF|euros?|dollars?|dólares|pounds)(?!\w))", re.IGNORECASE
)
_UNITS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "points",
        re.compile(
            r"[   -]{0,2}(?:(?:full |whole )?(?:percentage|%)[- ]?points?|(?:full )?points?|pp|pts?|p\.p\."
            r"|Prozentpunkte?n?"
            r"|%-Punkte|Punkte?n?|puntos?(?: porcentuales)?)(?!\w)",
            re.IGNORECASE,
        ),
    ),
    (
        "percent",
        re.compile(r"[   ]{0,2}(?:%|(?:per ?cent|pct|Prozent|por ciento|vH)(?!\w))", re.IGNORECASE),
    ),
    (
        "multiple",
        re.compile(r"[   -]{0,2}(?:[x×](?!\w)|(?:fold|-fold|fach)(?!\w))", re.IGNORECASE),
    ),
    ("days", re.compile(r"[   -]{0,2}(?:(?:more|full|whole) )?(?:days?|d|Tagen?|Tage|días?)(?!\w)", re.IGNORECASE)),
    ("hours", re.compile(r"[   -]{0,2}(?:hours?|hrs?|h|Stunden?|horas?)(?!\w)", re.IGNORECASE)),
    ("months", re.compile(r"[   -]{0,2}(?:months?|Monate?n?|mes(?:es)?)(?!\w)", re.IGNORECASE)),
)
_TIMES = re.compile(r"[   -](?:times|mal|veces)(?!\w)", re.IGNORECASE)  # `five times`: a multiple or a count
_YEARS = re.compile(r"[   -]{0,2}(?:years?|Jahre?n?|años?)(?!\w)", re.IGNORECASE)
_BASIS = re.compile(r"[   -]{0,2}(?:bps?|basis points?|Basispunkte?n?|puntos básicos)(?!\w)", re.IGNORECASE)
_ABOUT: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rf"(?<!\w)(?:{words})\s?(?:a |the |de |un |una |[$€£]|EUR )*$", re.IGNORECASE))
    for name, words in (
        (
            "about",
            r"about|around|roughly|approximately|approx\.?|some|circa|ca\.?|rund|etwa|ungefähr|gut|knapp um"
            r"|alrededor de"
            r"|unos|unas|cerca de|aproximadamente|aprox\.?|something like|in the region of|close to|~|≈",
        ),
        ("over", r"over|more than|above|at least|upwards of|mehr als|über|más de|north of"),
        ("under", r"nearly|almost|just under|under|below|less than|not quite|knapp|fast|beinahe|casi|menos de"),
    )
)
_RANGE = re.compile(r"\s*(?:[–—-]|to|and|bis|und|y|a|hasta|or|oder|of(?: the)?|von(?: den)?|de(?: los)?|from|/|,)\s*")
_BETWEEN = re.compile(r"(?:between|from|zwischen|von|entre|de|range of)\s*\S{0,4}$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")
HUNDRED = Decimal(100)
_OF = ("of", "of the", "of our", "von", "von den", "de", "de los", "de las")  # `5.2% of 58`


def scan(text: str) -> list[Figure]:
    """Every number of a masked sentence, from left to right; none overlaps another."""
    found = sorted((*digits(text), *spelled(text)), key=lambda figure: figure.start)
    kept: list[Figure] = []
    for figure in found:
        if not kept or figure.start >= kept[-1].end:
            kept.append(figure)
    return _inherit(text, kept)


def digits(text: str) -> Iterator[Figure]:
    for match in numerals.NUMBER.finditer(text):
        start, end = match.span()
        lead = text[max(0, start - 8) : start]
        before = _BEFORE.search(lead)
        sign, currency = "", ""
        if before and before.group().strip():
            sign = (before["sign"] or before["inner"] or "").strip()
            currency = lexicon.CURRENCIES.get((before["cur"] or "").strip().lower(), "")
            start -= len(before.group().lstrip())
        readings = numerals.readings(match.group())
        yield _with_unit(text, start, end, readings, _signed(sign), currency)


def _signed(mark: str) -> int:
    return 1 if mark == "+" else -1 if mark and mark in MINUS else 0


def _with_unit(
    text: str, start: int, end: int, readings: tuple[Reading, ...], sign: int, currency: str, spelled: bool = False
) -> Figure:
    scale = Decimal(1)
    kind: Kind = "bare"
    if (found := _SCALE.match(text, end)) and _is_scale(found, currency, text):
        word = next(group for group in found.groups() if group)
        scale = Decimal(lexicon.SCALES.get(word.lower(), 1))
        currency = currency or lexicon.CURRENCIES.get(word.lower(), "")
        end = found.end()
    if not currency and (found := _CURRENCY.match(text, end)):
        currency, end = lexicon.CURRENCIES[found["cur"].lower()], found.end()
    if currency:
        kind = "currency"
    else:
        kind, scale, end = _unit(text, end, scale)
    kinds: tuple[Kind, ...] = ()
    if kind == "bare" and (times := _TIMES.match(text, end)):
        kinds, end = ("multiple", "count"), times.end()
    elif kind == "bare" and scale > 1:
        kinds = ("count", "currency")
    return Figure(
        start,
        end,
        text[start:end],
        tuple(Reading(reading.value * scale, reading.step * scale) for reading in readings),
        kind,
        sign,
        currency,
        _softened(text[max(0, start - 28) : start]),
        spelled,
        kinds,
    )


def _is_scale(found: re.Match[str], currency: str, text: str) -> bool:
    """`4.2 m` may be metres and `3 b` anything: a short scale stands close, or behind a currency."""
    if not found["short"]:
        return True
    return bool(currency) or not found.group().startswith((" ", " ", " "))


def _unit(text: str, end: int, scale: Decimal) -> tuple[Kind, Decimal, int]:
    for kind, unit in _UNITS:
        if found := unit.match(text, end):
            return kind, scale, found.end()
    if found := _BASIS.match(text, end):
        return "points", scale / HUNDRED, found.end()
    if found := _YEARS.match(text, end):
        return "months", scale * 12, found.end()
    return "bare", scale, end


def _softened(lead: str) -> str:
    return next((name for name, words in _ABOUT if words.search(lead)), "")


def spelled(text: str) -> Iterator[Figure]:
    """Numbers in letters: `three`, `two thirds`, `half`, `neun Tage`."""
    words = list(_WORD.finditer(text))
    place = 0
    while place < len(words):
        word = words[place]
        low = word.group().lower()
        following = words[place + 1] if place + 1 < len(words) else None
        fraction = _fraction(low, following.group().lower() if following else "")
        if fraction is not None:
            whole = low not in lexicon.FRACTIONS
            end = following.end() if whole and following else word.end()
            reading = Reading(fraction, Decimal(3))
            yield Figure(
                word.start(), end, text[word.start() : end], (reading,), "percent", spelled=True, about="about"
            )
            place += 2 if whole else 1
            continue
        value = _spelled(low)
        if value is not None and not _attached(text, word):
            readings = (Reading(Decimal(value), Decimal(1)),)
            yield _with_unit(text, word.start(), word.end(), readings, 0, "", spelled=True)
        place += 1


def _attached(text: str, word: re.Match[str]) -> bool:
    return text[word.start() - 1 : word.start()] == "-" or text[word.end() : word.end() + 1] == "-"


def _spelled(word: str) -> int | None:
    if word in lexicon.SPELLED:
        return lexicon.SPELLED[word]
    tens, _, ones = word.partition("-")
    if ones and tens in lexicon.SPELLED and lexicon.SPELLED[tens] >= 20:
        last = lexicon.ONES.get(ones, lexicon.SPELLED.get(ones, 0))
        return lexicon.SPELLED[tens] + last if 0 < last < 10 else None
    return None


def _fraction(word: str, following: str) -> Decimal | None:
    """In per cent: `half`, `a third`, `two thirds`, `drei Viertel`."""
    count = lexicon.ONES.get(word, lexicon.SPELLED.get(word, 0))
    if word == "half" and following in ("a", "an"):
        return None
    if word in ("half", "hälfte", "mitad"):
        return lexicon.FRACTIONS[word]
    if following in ("half", "hälfte", "mitad") or not count:
        return None
    if following in lexicon.FRACTIONS:
        return count * lexicon.FRACTIONS[following]
    return Decimal(25) * count if following == "quarter" and count == 1 else None


def _inherit(text: str, figures: list[Figure]) -> list[Figure]:
    """`between 40.1 and 41.5%`, `12–14 %`, `2.0 of the 2.8 points`: the first has the unit of the second."""
    result = list(figures)
    for place in range(len(result) - 2, -1, -1):
        first, second = result[place], result[place + 1]
        if first.kind != "bare" or second.kind == "bare" or not _RANGE.fullmatch(text, first.end, second.start):
            continue
        join = text[first.end : second.start].strip()
        listed = (
            not (second.sign or first.kinds)
            and second.kind in ("bare", "currency")
            and re.search(r"[.,]\d", first.text)
        )
        if join == "," and not listed:
            continue
        if join in ("and", "und", "y", "or", "oder", "to", "a") and not (
            _BETWEEN.search(text[: first.start][-14:])
            or (place and _RANGE.fullmatch(text, result[place - 1].end, first.start))
        ):
            continue
        scale = _scale_of(second)
        readings = tuple(Reading(r.value * scale, r.step * scale) for r in first.readings)
        result[place] = replace(first, kind=second.kind, currency=second.currency, readings=readings)
    last: Figure | None = None
    for place, figure in enumerate(result):
        between = text[last.end : figure.start].strip().lower() if last else ""
        if (
            figure.kind == "bare"
            and last is not None
            and between not in _OF
            and not (figure.spelled and last.kind in ("percent", "points", "currency"))
            and last.kind in ("points", "percent", "days", "hours", "currency")
        ):
            result[place] = replace(figure, kinds=(last.kind,))
        elif figure.kind != "bare":
            last = figure
    return result


def _scale_of(figure: Figure) -> Decimal:
    word = re.search(r"(?<=\d)\s?([kKmMBb]n?|Mio|million|millones|bn|mil|thousand|Tsd)\b", figure.text)
    return Decimal(lexicon.SCALES.get(word.group(1).lower(), 1)) if word else Decimal(1)
