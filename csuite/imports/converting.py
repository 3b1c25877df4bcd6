"""From cells to values, by the mapping: each field's kind says how a cell is read. What cannot be read is an error."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from csuite.imports.mapping import Chosen
from csuite.imports.reading import dates, numbers
from csuite.imports.reading.dates import Order
from csuite.imports.reading.numbers import Number, Style
from csuite.imports.reading.table import Cell, Table, is_empty
from csuite.imports.targets import Field, Kind, Record, Value, Wrong

_ERRORS = {"#REF!", "#N/A", "#NAME?", "#DIV/0!", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
_YES = {"yes", "y", "true", "1", "x", "ja", "oui", "si", "sí"}
_NO = {"no", "n", "false", "0", "-", "nein", "non"}
_MOST = Decimal(10) ** 14
REMEMBERED = 20_000  # cells of a column, with what they mean: most columns say the same few again and again


class Unreadable(Exception):
    """A cell that is not what its field needs; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One mapped column: where it is, what it becomes, how it is written."""

    place: int
    heading: str
    field: Field
    way: str
    currency: str

    def read(self, cell: Cell) -> Value:
        """None for an empty cell. Raises Unreadable."""
        if is_empty(cell):
            if self.field.required:
                raise Unreadable(f"{self.field.label} is missing.")
            return None
        if isinstance(cell, str) and cell.strip().upper() in _ERRORS:
            raise Unreadable(f"The cell holds the error {cell.strip()}.")
        return _READ[self.field.kind](self, cell)


def _text(reader: Reader, cell: Cell) -> Value:
    if isinstance(cell, float):
        cell = int(cell) if cell.is_integer() else cell
    text = " ".join(str(cell).split()) if reader.field.longest <= 500 else str(cell).strip()
    if len(text) > reader.field.longest:
        raise Unreadable(f"The text has {len(text):,} characters; {reader.field.longest} are the most.")
    return text


def _number(reader: Reader, cell: Cell) -> Value:
    found = _found(reader, cell)
    if not found.fits(reader.currency) and reader.field.kind is Kind.MONEY:
        raise Unreadable(f"The amount is in {found.currency}, the company counts in {reader.currency}.")
    value = found.value.quantize(Decimal(1).scaleb(-reader.field.places))
    if abs(value) >= _MOST:
        raise Unreadable("The number is too large.")
    if reader.field.low is not None and value < reader.field.low:
        raise Unreadable(f"{reader.field.label} cannot be below {reader.field.low}.")
    return value


def _found(reader: Reader, cell: Cell) -> Number:
    if isinstance(cell, bool):
        raise Unreadable(f"“{cell}” is no number.")
    if isinstance(cell, int | float):
        number = numbers.of_float(cell)
    else:
        known = numbers.readings(str(cell))
        number = known.get(Style(reader.way))
        if number is None and known:
            raise Unreadable(f"“{_short(cell)}” does not fit the way in which the column writes its numbers.")
    if number is None:
        raise Unreadable(f"“{_short(cell)}” is no number.")
    return number


def _date(reader: Reader, cell: Cell) -> Value:
    if not isinstance(cell, str):
        raise Unreadable(f"“{cell}” is a number and no date. Give the column a date format.")
    known = dates.readings(cell)
    found = known.get(Order(reader.way))
    if found is None and known:
        raise Unreadable(f"“{_short(cell)}” does not fit the order of day and month in the column.")
    if found is None:
        raise Unreadable(f"“{_short(cell)}” is no date.")
    return found


def _month(reader: Reader, cell: Cell) -> Value:
    found = _date(reader, cell)
    return found.replace(day=1) if isinstance(found, date) else found


def _yes_no(reader: Reader, cell: Cell) -> Value:
    said = str(int(cell)) if isinstance(cell, bool | float) else str(cell).strip().casefold()
    if said in _YES or said in _NO:
        return said in _YES
    raise Unreadable(f"“{_short(cell)}” is neither yes nor no.")


def _short(cell: Cell) -> str:
    text = " ".join(str(cell).split())
    return text if len(text) <= 40 else f"{text[:39]}…"


_READ: dict[Kind, Callable[[Reader, Cell], Value]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.MONEY: _number,
    Kind.DATE: _date,
    Kind.MONTH: _month,
    Kind.YES_NO: _yes_no,
}


def readers(
    chosen: Chosen, columns: Sequence[Mapping[str, Any]], fields: Sequence[Field], currency: str
) -> list[Reader]:
    known = {one.key: one for one in fields}
    return [
        Reader(place, columns[place]["heading"], known[key], _way(chosen, place, columns[place], known[key]), currency)
        for place, key in sorted(chosen.fields.items())
    ]


def _way(chosen: Chosen, place: int, column: Mapping[str, Any], one: Field) -> str:
    if one.kind in (Kind.DATE, Kind.MONTH):
        return str(chosen.ways.get(place) or column["order"]["decided"] or Order.YEAR)
    return str(chosen.ways.get(place) or column["style"]["decided"] or Style.POINT)


class _Memory(dict[str, Value]):
    """What texts of a column mean, looked up once each. Raises Unreadable, again for each row."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader

    def __missing__(self, cell: str) -> Value:
        value = self.reader.read(cell)
        if len(self) < REMEMBERED:
            self[cell] = value
        return value


def records(table: Table, chosen: Sequence[Reader], keys: Sequence[str]) -> Iterator[Record | list[Wrong]]:
    """A record for each row, or what is wrong with it. A row that names the same thing as an earlier one is wrong."""
    seen: dict[tuple[Value, ...], int] = {}
    named = [reader for reader in chosen if reader.field.key in keys]
    reading = [(reader, reader.field.key, reader.place, _Memory(reader)) for reader in chosen]
    for number, row in table.rows:
        values: dict[str, Value] = {}
        wrong = []
        for reader, name, place, memory in reading:
            cell = row[place]
            try:
                values[name] = memory[cell] if type(cell) is str else reader.read(cell)
            except Unreadable as error:
                wrong.append(Wrong(number, reader.heading, str(error)))
        key = tuple([_folded(values.get(name)) for name in keys])
        earlier = seen.setdefault(key, number) if not wrong and keys else number
        if earlier != number:
            heading = named[0].heading if len(named) == 1 else ""
            wrong = [Wrong(number, heading, f"The same {_what(named)} stands in row {earlier} already.")]
        yield wrong or Record(number, values)


def _folded(value: Value) -> Value:
    return value.casefold() if isinstance(value, str) else value


def _what(named: Sequence[Reader]) -> str:
    words = [reader.field.label.lower() for reader in named]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
