"""The entries of a business profile: what may be known of a company, in groups, each with how it is written down."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from csuite.profiles import formatting, months
from csuite.profiles.models import BusinessProfile, Unit

Kind = Literal["line", "text", "people", "money", "month"]
LINE, TEXT = 160, 2000  # characters
MOST = Decimal(10) ** 15
_MONEY = re.compile(
    r"(-?\d[\d.,'\u00a0\u202f ]*)\s*(k|m|mn|mio|million|millionen|millones|bn|billion)?\b", re.IGNORECASE
)
_TIMES = {"k": 3, "m": 6, "mn": 6, "mio": 6, "million": 6, "millionen": 6, "millones": 6, "bn": 9, "billion": 9}


class BadEntry(ValueError):
    """What was entered cannot be that entry; the text says why, for the person."""


@dataclass(frozen=True, slots=True)
class Entry:
    """key: of forms and states. field: of BusinessProfile, or "" for one of its named `entries`."""

    key: str
    label: str
    group: str
    kind: Kind = "line"
    field: str = ""


COMPANY, CUSTOMERS, WORKING = "Company", "Customers", "How it works"
ENTRIES: tuple[Entry, ...] = (
    Entry("industry", "Industry", COMPANY, field="industry"),
    Entry("description", "In your words", COMPANY, "text", "description"),
    Entry("people", "People", COMPANY, "people", "people"),
    Entry("sites", "Sites", COMPANY),
    Entry("stage", "Stage", COMPANY, field="stage"),
    Entry("revenue", "Revenue", COMPANY, "money", "revenue"),
    Entry("fiscal_year_start", "Year begins in", COMPANY, "month", "fiscal_year_start"),
    Entry("lines", "Lines", CUSTOMERS),
    Entry("customers", "Customers", CUSTOMERS, "text"),
    Entry("concentration", "Concentration", CUSTOMERS),
    Entry("rivals", "Main rivals", CUSTOMERS),
    Entry("regions", "Regions", CUSTOMERS),
    Entry("channels", "Channels", WORKING),
    Entry("payment_terms", "Payment terms", WORKING),
    Entry("covenant", "Covenant", WORKING),
    Entry("risks", "Main risks", WORKING, "text"),
)
BY_KEY: Mapping[str, Entry] = {entry.key: entry for entry in ENTRIES}


def value_of(profile: BusinessProfile, entry: Entry) -> Any:
    """None or "" where nothing is known."""
    if entry.key == "fiscal_year_start":
        # January stands there from the beginning; it is known when somebody has said so.
        return profile.fiscal_year_start if profile.states.get(entry.key) else None
    return getattr(profile, entry.field) if entry.field else profile.entries.get(entry.label, "")


def shown(profile: BusinessProfile, entry: Entry) -> str:
    """As a person reads it; "" where nothing is known."""
    value = value_of(profile, entry)
    if value in (None, ""):
        return ""
    if entry.kind == "money":
        return formatting.bare(value, Unit.CURRENCY, profile.currency)
    return months.NAMES[value - 1] if entry.kind == "month" else str(value)


def put(profile: BusinessProfile, entry: Entry, text: str) -> None:
    """Enters it; "" empties it. The profile is not saved. Raises BadEntry."""
    value = parsed(entry, text)
    if entry.field:
        setattr(profile, entry.field, _empty(entry) if value is None else value)
    elif value is None:
        profile.entries.pop(entry.label, None)
    else:
        profile.entries[entry.label] = value


def _empty(entry: Entry) -> Any:
    return 1 if entry.kind == "month" else None if entry.kind in ("people", "money") else ""


def parsed(entry: Entry, text: str) -> Any:
    """The value, None for an empty text. Raises BadEntry."""
    text = text.strip()
    if "\0" in text:
        raise BadEntry(f"{entry.label} has a character that cannot be stored.")
    if not text:
        return None
    if entry.kind == "people":
        return _people(text)
    if entry.kind == "money":
        return money(text)
    if entry.kind == "month":
        return _month(text)
    most = TEXT if entry.kind == "text" else LINE
    if len(text) > most:
        raise BadEntry(f"{entry.label} has at most {most} characters.")
    return text if entry.kind == "text" else " ".join(text.split())


def _people(text: str) -> int:
    digits = re.sub(r"(?<=\d)[.,'\u00a0\u202f ](?=\d{3}\b)", "", text)
    found = re.search(r"\d+", digits)
    if found is None or not 0 < int(found[0]) < 10_000_000:
        raise BadEntry("People is a number, for example 140.")
    return int(found[0])


def money(text: str) -> Decimal:
    """An amount in the profile's currency: "27.2m", "27,205,000", "1.234.567,89". Raises BadEntry."""
    found = _MONEY.search(text)
    try:
        amount = Decimal(_plain(found[1])) if found else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if found is None or not amount.is_finite():
        raise BadEntry("Revenue is an amount, for example 27.2m.")
    amount = amount.scaleb(_TIMES.get((found[2] or "").lower(), 0))
    if not 0 <= amount < MOST:
        raise BadEntry("Revenue is an amount of at least 0, in the company's currency.")
    return amount.quantize(Decimal("0.01"))


def _plain(number: str) -> str:
    """Separators of thousands go; the last point or comma is the decimal one unless three digits follow it."""
    number = re.sub(r"['\u00a0\u202f ]", "", number).rstrip(".,")
    last = max(number.rfind("."), number.rfind(","))
    if last < 0:
        return number
    whole, after = re.sub(r"[.,]", "", number[:last]), number[last + 1 :]
    only_one = len(re.findall(r"[.,]", number)) == 1
    if len(after) == 3 and not (only_one and whole in ("", "0")):
        return whole + after
    return f"{whole}.{after}"


def _month(text: str) -> int:
    word = text.split()[0].casefold().rstrip(".")
    for number, name in enumerate(months.NAMES, 1):
        if len(word) >= 3 and name.casefold().startswith(word):
            return number
    if word.isdigit() and 1 <= int(word) <= 12:
        return int(word)
    raise BadEntry("The year begins in a month, for example January.")
