"""Dates as people write them, in three orders. A month alone is its first day."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache


class Order(StrEnum):
    DAY = "dmy"  # 31.01.2024
    MONTH = "mdy"  # 01/31/2024
    YEAR = "ymd"  # 2024-01-31


_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTHS = {said: place for place, name in enumerate(_NAMES, 1) for said in (name, name[:3])} | {"sept": 9}
_TIME = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
_THREE = re.compile(rf"(\d{{1,4}})([-./ ])(\d{{1,2}})\2\s*(\d{{1,4}}){_TIME}")
_PACKED = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_YEAR_MONTH = re.compile(r"((?:19|20)\d{2})[-./](\d{1,2})|(\d{1,2})[-./]((?:19|20)\d{2})")
_DAY_NAME = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?[-. ]+([A-Za-z]{{3,9}})\.?[-., ]+(\d{{4}}|\d{{2}}){_TIME}")
_NAME_DAY = re.compile(rf"([A-Za-z]{{3,9}})\.?[-. ]+(\d{{1,2}})(?:st|nd|rd|th)?[,. ]+(\d{{4}}){_TIME}")
_NAME_YEAR = re.compile(r"([A-Za-z]{3,9})\.?[-/., ]+(\d{4})")
_LONGEST = 40


@lru_cache(maxsize=50_000)
def readings(text: str) -> Mapping[Order, date]:
    """What the text means in each order that can read it; the same in all where a year or a name leaves no doubt."""
    text = text.strip()
    if len(text) > _LONGEST or not any(character.isdigit() for character in text):
        return {}
    sure = _named(text) or _month(text) or _packed(text)
    if sure:
        return dict.fromkeys(Order, sure)
    found = _THREE.fullmatch(text)
    return _numeric(found[1], found[3], found[4]) if found else {}


def _numeric(first: str, second: str, third: str) -> Mapping[Order, date]:
    if len(first) == 4:
        only = _day(first, second, third)
        return dict.fromkeys(Order, only) if only and len(third) <= 2 else {}
    if len(first) > 2 or len(third) == 3 or len(third) == 1:
        return {}
    ways = {Order.DAY: _day(third, second, first), Order.MONTH: _day(third, first, second)}
    if len(third) == 2:
        ways[Order.YEAR] = _day(first, second, third) if len(first) == 2 else None
    return {order: day for order, day in ways.items() if day}


def _day(year: str, month: str, day: str) -> date | None:
    number = int(year)
    if len(year) == 2:  # as C and spreadsheets read it
        number += 2000 if number < 69 else 1900
    try:
        return date(number, int(month), int(day)) if 1900 <= number <= 2200 else None
    except ValueError:
        return None


def _named(text: str) -> date | None:
    found = _DAY_NAME.fullmatch(text)
    if found:
        return _with_name(found[3], found[2], found[1])
    found = _NAME_DAY.fullmatch(text)
    if found:
        return _with_name(found[3], found[1], found[2])
    found = _NAME_YEAR.fullmatch(text)
    return _with_name(found[2], found[1], "1") if found else None


def _with_name(year: str, name: str, day: str) -> date | None:
    short = name.lower()
    month = _MONTHS.get(short)
    if month is None:
        return None
    return _day(year, str(month), day)


def _month(text: str) -> date | None:
    found = _YEAR_MONTH.fullmatch(text)
    if not found:
        return None
    return _day(found[1] or found[4], found[2] or found[3], "1")


def _packed(text: str) -> date | None:
    found = _PACKED.fullmatch(text)
    return _day(found[1], found[2], found[3]) if found else None
