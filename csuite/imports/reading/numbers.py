"""Numbers as people write them: 1,234.56 and 1.234,56, with currency signs, per cent, or in brackets when negative."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache


class Style(StrEnum):
    POINT = "point"  # 1,234.56
    COMMA = "comma"  # 1.234,56


SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "US$": "USD", "Fr.": "CHF", "kr": "SEK"}
_DOLLARS = {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"}
_CODE = r"(?:[A-Z]{3}|US\$|[$€£¥₹]|Fr\.|kr)"
_SHAPE = re.compile(
    rf"(?P<open>\()?\s*(?P<minus>[-−–+])?\s*(?P<before>{_CODE})?\s*(?P<inner>[-−–+])?\s*"
    rf"(?P<digits>[\d.,'’\u00a0\u202f\u2009 ]*\d[\d.,]*?(?:[eE][+-]?\d+)?)\s*(?P<percent>%)?\s*(?P<after>{_CODE})?\s*"
    rf"(?P<trailing>[-−–])?\s*(?P<close>\))?"
)
_BLANKS = re.compile(r"['’\u00a0\u202f\u2009 ]")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:['’\u00a0\u202f\u2009 ]\d{3})+(?:[.,]\d+)?")
_POINT = re.compile(r"(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+")
_COMMA = re.compile(r"(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,\d*)?(?:[eE][+-]?\d+)?|,\d+")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Number:
    """41.2 for "41.2 %", with `percent`. `currency`: a code, "" where none was written."""

    value: Decimal
    percent: bool = False
    currency: str = ""

    def fits(self, currency: str) -> bool:
        """Whether it may be money of that currency: a bare $ may be any dollar."""
        return self.currency in ("", currency) or (self.currency == "USD" and currency in _DOLLARS)


@lru_cache(maxsize=50_000)
def readings(text: str) -> Mapping[Style, Number]:
    """What the text means in each style that can read it; empty for what is no number."""
    text = text.strip()
    shape = _SHAPE.fullmatch(text) if len(text) <= _LONGEST else None
    if shape is None or bool(shape["open"]) != bool(shape["close"]) or (shape["before"] and shape["after"]):
        return {}
    digits = shape["digits"].strip()
    if _BLANKS.search(digits):
        if not _GROUPED.fullmatch(digits):
            return {}
        digits = _BLANKS.sub("", digits)
    signs = [sign for sign in (shape["minus"], shape["inner"], shape["trailing"]) if sign]
    if len(signs) + bool(shape["open"]) > 1:
        return {}
    negative = bool(shape["open"]) or any(sign != "+" for sign in signs)
    written = shape["before"] or shape["after"] or ""
    currency = SIGNS.get(written, written)
    found = {}
    for style, pattern, grouping, mark in ((Style.POINT, _POINT, ",", "."), (Style.COMMA, _COMMA, ".", ",")):
        if pattern.fullmatch(digits):
            value = Decimal(digits.replace(grouping, "").replace(mark, "."))
            if abs(value.adjusted()) < 40:
                found[style] = Number(-value if negative else value, bool(shape["percent"]), currency)
    return found


def of_float(value: float) -> Number | None:
    """A number that a workbook holds, without the noise of its last bits. None for what is none (infinity)."""
    try:
        number = Decimal(repr(value)) if isinstance(value, int) else Decimal(f"{value:.12g}")
    except (ValueError, ArithmeticError):
        return None
    return Number(number) if number.is_finite() else None
