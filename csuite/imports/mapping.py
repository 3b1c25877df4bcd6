"""Which column is which field: suggested by headings and contents, decided by a person, checked before it is used."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from csuite.imports.reading.dates import Order
from csuite.imports.reading.numbers import Style
from csuite.imports.targets import Field, Kind

_DATES = {Kind.DATE, Kind.MONTH}
_NUMBERS = {Kind.NUMBER, Kind.MONEY}
_WORDS = re.compile(r"[^\w]+|_")


@dataclass(frozen=True, slots=True)
class Chosen:
    """`fields`: place of the column -> key of the field. `ways`: place -> how its numbers or dates are written, where
    a person had to say."""

    fields: Mapping[int, str]
    ways: Mapping[int, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "fields": {str(k): v for k, v in self.fields.items()},
            "ways": {str(k): v for k, v in self.ways.items()},
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Chosen":
        return cls(
            {int(k): str(v) for k, v in said.get("fields", {}).items()},
            {int(k): str(v) for k, v in said.get("ways", {}).items()},
        )


def plain(name: str) -> str:
    """Names that mean the same: "Invoiced on", "invoiced_on", "INVOICED-ON"."""
    return " ".join(_WORDS.sub(" ", name.casefold()).split())


def suggested(columns: Sequence[Mapping[str, Any]], fields: Sequence[Field]) -> dict[int, str]:
    """Each field's best column, each column at most once. Equal names first, then a shared word; never a column that
    holds something else."""
    scored = sorted(
        (
            (-_likeness(column, one), rank, place)
            for place, column in enumerate(columns)
            for rank, one in enumerate(fields)
            if _likeness(column, one) > 0
        ),
    )
    found: dict[int, str] = {}
    taken: set[str] = set()
    for _, rank, place in scored:
        if place not in found and fields[rank].key not in taken:
            found[place] = fields[rank].key
            taken.add(fields[rank].key)
    return found


def _likeness(column: Mapping[str, Any], one: Field) -> int:
    if not column["filled"]:
        fits = True  # an empty column contradicts nothing
    elif one.kind in _DATES:
        fits = column["date"]
    else:
        fits = column["number"] if one.kind in _NUMBERS else True
    if not fits:
        return 0
    heading = plain(column["heading"])
    names = [plain(name) for name in (one.label, one.key.partition(":")[2] or one.key, *one.names)]
    if heading in names:
        return 100 - names.index(heading)
    words = set(heading.split())
    return 10 if any(len(name) > 3 and set(name.split()) <= words for name in names) else 0


def choices(column: Mapping[str, Any], kind: Kind) -> list[tuple[str, str]]:
    """The ways a person can say, with how the first samples would be read; empty where nothing is open."""
    if not column["filled"]:
        return []
    if kind in _DATES and column["order"]["read"] and column["order"]["decided"] is None:
        return [(Order.DAY, "day, month, year"), (Order.MONTH, "month, day, year"), (Order.YEAR, "year, month, day")]
    if kind in _NUMBERS and column["style"]["read"] and column["style"]["decided"] is None:
        return [(Style.POINT, "1,234.56: the point begins the decimals"), (Style.COMMA, "1.234,56: the comma does")]
    return []


def doubt(column: Mapping[str, Any], kind: Kind) -> str:
    """Why it must be said: values that contradict each other, or that read both ways."""
    evidence = column["order" if kind in _DATES else "style"]
    against = sorted((where[0], where[1]) for where in evidence["against"].values())
    if len(against) == len(Order if kind in _DATES else Style):
        (first, one), (second, other) = against[0], against[-1]
        return f"It is written in two ways: {one} in row {first} and {other} in row {second}."
    return "Every value can be read in more than one way."


def faults(said: Chosen, columns: Sequence[Mapping[str, Any]], fields: Sequence[Field]) -> dict[str, str]:
    """What is missing or twice, in words: by the place of the column (a text), "" for the whole."""
    known = {one.key: one for one in fields}
    wrong: dict[str, str] = {}
    seen: dict[str, int] = {}
    for place, key in sorted(said.fields.items()):
        if key not in known or not 0 <= place < len(columns):
            wrong[str(place)] = "There is no such field."
            continue
        if key in seen:
            wrong[str(place)] = f"{known[key].label} is taken by the column {columns[seen[key]]['heading']}."
        seen.setdefault(key, place)
        ways = [way for way, _ in choices(columns[place], known[key].kind)]
        if ways and said.ways.get(place) not in ways:
            wrong[str(place)] = f"{doubt(columns[place], known[key].kind)} Say which is meant."
    missing = [one.label for one in fields if one.required and one.key not in seen]
    if missing:
        wrong[""] = f"No column is chosen for {_and(missing)}."
    return wrong


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
