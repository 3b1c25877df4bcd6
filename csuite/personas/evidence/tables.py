"""Tables: what the heading of a column and the first cell of a row say of a cell, as one line of text."""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

from csuite.personas.evidence.records import Figure, Kind, Span

_CHANGE = re.compile(
    r"change|δ|Δ|delta|growth|vs\.?|y/y|m/m|yoy|mom|on sep|veränderung|abweichung|cambio|variación|var\.", re.IGNORECASE
)
_TOTAL = re.compile(r"(?:total|all\b|sum\b|group\b|gesamt|summe|suma\b|together)", re.IGNORECASE)
_SCALE = re.compile(
    r"(?:(?:in|,|\()\s*)?(?:(?P<k>(?:[€$£]|EUR|USD|GBP)\s?k|k\s?(?:[€$£]|EUR|USD|GBP)|T€|TEUR|thousands?"
    r"|Tsd\.?|miles)|(?P<m>(?:[€$£]|EUR|USD|GBP)\s?mn?|mn?\s?(?:[€$£]|EUR|USD|GBP)|Mio\.?|millions?|millones))(?!\w)",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("points", re.compile(r"\b(?:points?|pp|pts|punkte|puntos)\b", re.IGNORECASE)),
    ("percent", re.compile(r"%|\bper ?cent\b|\bprozent\b|\bshare\b|anteil|cuota", re.IGNORECASE)),
    ("days", re.compile(r"\b(?:days|tage|días)\b", re.IGNORECASE)),
    ("hours", re.compile(r"\((?:h|hours)\)|\bhours\b|stunden|horas", re.IGNORECASE)),
)


@dataclass(slots=True)
class Table:
    """Of the table that is being read: its headings, and the periods of the rows above."""

    headings: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)


def heading(text: str, table: Table, column: int, names_metric: "list[bool]") -> str:
    """A column's heading, with that of the nearest column to its left that names a metric if it names none itself."""
    own = table.headings[column] if column < len(table.headings) else ""
    if column < len(names_metric) and names_metric[column]:
        return own
    for left in range(min(column, len(names_metric)) - 1, 0, -1):
        if names_metric[left] and _leans(own):
            return f"{_SCALE.sub('', table.headings[left])} {own}"
    return own


def _leans(own: str) -> bool:
    """Whether a heading speaks of the column before it: `Change`, `Share`, `vs Sep`."""
    return bool(_CHANGE.search(own)) or any(kind.search(own) for _, kind in _KINDS)


def is_change(text: str) -> bool:
    return bool(_CHANGE.search(text))


def is_total(text: str) -> bool:
    """Whether a row is of all lines together."""
    return bool(_TOTAL.match(text.strip(" *_")))


def in_column(figure: Figure, heading: str, scale: str) -> Figure:
    """A bare number of a cell with the unit and the scale of its column."""
    if figure.kind != "bare":
        return figure
    kind = next((kind for kind, words in _KINDS if words.search(heading)), None)
    if kind:
        return replace(figure, kinds=(kind, "points") if kind == "percent" else (kind,))
    found = _SCALE.search(heading) or _SCALE.search(scale)
    factor = Decimal(1000) if found and found["k"] else Decimal(1_000_000) if found else None
    kinds: tuple[Kind, ...] = ("count", "currency", "percent", "points", "days", "hours")
    return replace(figure, kinds=kinds, scales=(Decimal(1), factor) if factor else ())
