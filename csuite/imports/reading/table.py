"""What every file becomes: headings, and rows of cells with the number that the spreadsheet program shows for them."""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from csuite.imports.reading import dates, numbers

# Text as it was written; a number, or True or False, where the file says so itself. A date of a workbook is ISO text.
Cell = str | int | float | bool | None
Row = tuple[Cell, ...]

MOST_ROWS = 250_000
MOST_COLUMNS = 200
MOST_CELLS = 4_000_000
LONGEST_CELL = 32_767  # characters, as in spreadsheet programs
HEADER_WITHIN = 20  # rows in which the headings must stand
LONGEST_HEADING = 120


class Refused(Exception):
    """The file cannot be imported. `row` counts from 1 as in a spreadsheet; `column` is a heading or a letter."""

    def __init__(self, message: str, row: int | None = None, column: str = "") -> None:
        where = ", ".join(part for part in (f"row {row}" if row else "", f"column {column}" if column else "") if part)
        super().__init__(f"{where[:1].upper()}{where[1:]}: {message}" if where else message)
        self.message, self.row, self.column = message, row, column


@dataclass(frozen=True, slots=True)
class Table:
    """`rows`: (row number, cells), as many cells as headings. `about` tells how the file was read, in words."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, Row], ...]
    about: str = ""

    def pack(self) -> bytes:
        lines = [orjson.dumps([self.headings, self.about]), *(orjson.dumps([n, *row]) for n, row in self.rows)]
        return zlib.compress(b"\n".join(lines), 3)

    @classmethod
    def unpack(cls, packed: bytes) -> "Table":
        first, *lines = zlib.decompress(packed).split(b"\n")
        headings, about = orjson.loads(first)
        rows = (orjson.loads(line) for line in lines)
        return cls(tuple(headings), tuple((row[0], tuple(row[1:])) for row in rows), about)


def letter(place: int) -> str:
    """The name of a column in a spreadsheet: 0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def limited(rows: Iterable[Sequence[Cell]]) -> Iterator[tuple[int, Row]]:
    """The rows that hold something, numbered from 1, trailing empty cells dropped. Raises Refused for too much."""
    cells = found = 0
    for number, row in enumerate(rows, 1):
        filled = _checked(number, row)
        if not filled:
            continue
        cells, found = cells + len(filled), found + 1
        if found > MOST_ROWS:
            raise Refused(f"The file has more than {MOST_ROWS:,} rows. Split it.", number)
        if cells > MOST_CELLS:
            raise Refused(f"The file has more than {MOST_CELLS:,} cells. Leave out what is not needed.", number)
        yield number, filled


def _checked(number: int, row: Sequence[Cell]) -> Row:
    end = len(row)
    while end and is_empty(row[end - 1]):
        end -= 1
    if end > MOST_COLUMNS:
        raise Refused(f"The row has {end:,} columns; {MOST_COLUMNS} are the most.", number)
    for place in range(end):
        cell = row[place]
        if isinstance(cell, str):
            if len(cell) > LONGEST_CELL:
                raise Refused(f"The cell has more than {LONGEST_CELL:,} characters.", number, letter(place))
            if "\x00" in cell:
                raise Refused("The cell holds a NUL character, so this is no text file.", number, letter(place))
    return tuple(row[:end])


def table_of(rows: Iterable[Sequence[Cell]], about: str) -> Table:
    """Finds the headings and squares the rows. Raises Refused."""
    numbered = list(limited(rows))
    if not numbered:
        raise Refused("The file is empty: it holds no row.")
    start = _header(numbered)
    number, header = numbered[start]
    body = numbered[start + 1 :]
    if not body:
        raise Refused("There is nothing below the headings.", number)
    headings = _named(header)
    return Table(headings, tuple((n, _squared(n, row, headings)) for n, row in body), about)


def _header(rows: Sequence[tuple[int, Row]]) -> int:
    """The first row that names most columns, in words. Titles above it are narrower; figures above it are refused."""
    head = rows[:HEADER_WITHIN]
    widest = max(len(row) for _, row in head)
    for place, (_, row) in enumerate(head):
        filled = [cell for cell in row if not is_empty(cell)]
        if len(filled) * 5 >= widest * 3:
            if all(_is_name(cell) for cell in filled):
                return place
            break
    raise Refused("The first row must name the columns, in words. It holds figures or dates.", head[0][0])


def _is_name(cell: Cell) -> bool:
    if not isinstance(cell, str) or not any(character.isalpha() for character in cell):
        return False
    return not numbers.readings(cell) and not dates.readings(cell)


def _named(header: Row) -> tuple[str, ...]:
    """Headings without line breaks; an empty one, or one that comes twice, is told apart by its letter."""
    plain = [" ".join(str(cell or "").split())[:LONGEST_HEADING] for cell in header]
    often = Counter(name.casefold() for name in plain)
    return tuple(
        name if name and often[name.casefold()] == 1 else f"{name or 'Column'} ({letter(place)})"
        for place, name in enumerate(plain)
    )


def _squared(number: int, row: Row, headings: Sequence[str]) -> Row:
    if len(row) > len(headings):
        raise Refused(
            f"The row has {len(row)} cells, the headings are {len(headings)}. Is a separator within a text,"
            " without quotation marks?",
            number,
            letter(len(headings)),
        )
    return (*row, *(None,) * (len(headings) - len(row)))
