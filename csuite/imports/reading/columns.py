"""What the columns of a table hold, looked at from the first row to the last."""

from dataclasses import dataclass, field
from typing import Any

from csuite.imports.reading import dates, numbers
from csuite.imports.reading.dates import Order
from csuite.imports.reading.evidence import Evidence
from csuite.imports.reading.numbers import Style
from csuite.imports.reading.table import Cell, Table, is_empty

SAMPLES = 3
REMEMBERED = 20_000  # texts of a column; most columns say the same few again and again


@dataclass(slots=True)
class Column:
    """`filled`: cells that are not empty. `typed`: cells that the file itself holds as numbers."""

    heading: str
    filled: int = 0
    typed: int = 0
    percent: bool = False
    currency: str = ""
    samples: list[str] = field(default_factory=list)
    style: Evidence[Style] = field(default_factory=lambda: Evidence(tuple(Style)))
    order: Evidence[Order] = field(default_factory=lambda: Evidence(tuple(Order)))
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)  # text -> whether it reads as a date, as a number

    def see(self, row: int, cell: Cell) -> None:
        if isinstance(cell, str) and (again := self.seen.get(cell)):
            self.filled += 1
            self.order.read += again[0]
            self.style.read += again[1]
            return
        if is_empty(cell):
            return
        self.filled += 1
        read = self.order.read, self.style.read
        self._look(row, cell)
        if isinstance(cell, str) and len(self.seen) < REMEMBERED:
            self.seen[cell] = self.order.read - read[0], self.style.read - read[1]

    def _look(self, row: int, cell: Cell) -> None:
        text = str(cell)
        if len(self.samples) < SAMPLES and text not in self.samples:
            self.samples.append(text[:60])
        if not isinstance(cell, str):
            self.typed += 0 if isinstance(cell, bool) else 1
        elif any(character.isdigit() for character in text):
            self.order.add(row, text, dates.readings(text))
            found = numbers.readings(text)
            self.style.add(row, text, found)
            for number in found.values():
                self.percent = self.percent or number.percent
                self.currency = self.currency or number.currency

    @property
    def is_number(self) -> bool:
        """Nearly all of it reads as numbers."""
        return bool(self.filled) and (self.style.read + self.typed) * 10 >= self.filled * 9

    @property
    def is_date(self) -> bool:
        return bool(self.order.read) and self.order.read * 10 >= self.filled * 9

    def to_json(self) -> dict[str, Any]:
        """What the later steps need of it."""
        return {
            "heading": self.heading,
            "filled": self.filled,
            "samples": self.samples,
            "number": self.is_number,
            "date": self.is_date,
            "percent": self.percent,
            "currency": self.currency,
            "style": _way(self.style),
            "order": _way(self.order),
        }


def _way(evidence: Evidence[Any]) -> dict[str, Any]:
    """`decided`: the way, or None where a person must say; `against`: what each of the others cannot read."""
    return {
        "decided": evidence.decided,
        "read": evidence.read,
        "against": {str(way): list(where) for way, where in evidence.against.items()},
    }


def columns_of(table: Table) -> list[Column]:
    found = [Column(heading) for heading in table.headings]
    for number, row in table.rows:
        for column, cell in zip(found, row, strict=True):
            column.see(number, cell)
    return found
