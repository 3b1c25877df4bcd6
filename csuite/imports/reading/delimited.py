"""CSV: which character separates, and the rows. Strict: a quotation mark that is never closed must not swallow rows."""

import csv
from collections import Counter
from collections.abc import Iterator

from csuite.imports.reading.decoding import decode
from csuite.imports.reading.table import LONGEST_CELL, Refused, Table, letter, table_of

NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_LOOKED_AT = 50  # records that decide on the separator
_ENDS = ("\r\n", "\r", "\n")


def read_delimited(data: bytes) -> Table:
    """Raises Refused."""
    text, encoding = decode(data)
    if not text.strip():
        raise Refused("The file is empty: it holds no row.")
    lines = _lines(text)
    separator = _separator(lines)
    about = f"CSV, {encoding}, separated by {NAMES[separator]}"
    return table_of(_records(lines, separator), about)


def _lines(text: str) -> list[str]:
    """Ends of lines only: U+2028 and the like stand within a text and end none."""
    return text.replace("\r\n", "\n").replace("\r", "\n").splitlines(keepends=True) if _plain(text) else _cut(text)


def _plain(text: str) -> bool:
    return not any(mark in text for mark in ("\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"))


def _cut(text: str) -> list[str]:
    return [f"{line}\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def _separator(lines: list[str]) -> str:
    """The one that cuts most records into the same number of cells, more than one. A comma for a single column."""
    ranked = [(_agreement(lines, separator), separator) for separator in NAMES]
    best, separator = max(ranked, key=lambda pair: pair[0])
    return separator if best[1] > 1 else ","


def _agreement(lines: list[str], separator: str) -> tuple[float, int]:
    """(share of the records that have the usual number of cells, that number); (0, 0) if it cannot be read so."""
    widths: Counter[int] = Counter()
    try:
        for number, row in enumerate(csv.reader(lines, delimiter=separator, strict=True)):
            widths[len(row)] += 1 if row else 0
            if number >= _LOOKED_AT:
                break
    except csv.Error:
        pass
    known = {width: often for width, often in widths.items() if width > 1}
    if not known:
        return 0.0, 0
    width, often = max(known.items(), key=lambda pair: (pair[1], pair[0]))
    return round(often / sum(widths.values()), 1), width


def _records(lines: list[str], separator: str) -> Iterator[list[str]]:
    """Raises Refused with the row in which the trouble begins: rows are records, as a spreadsheet counts them."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    row = 0
    while True:
        row += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _refusal(str(error), row) from None
        for place, cell in enumerate(record):
            if len(cell) > LONGEST_CELL:
                raise Refused(f"The cell has more than {LONGEST_CELL:,} characters.", row, letter(place))
        yield record


def _refusal(error: str, row: int) -> Refused:
    if "unexpected end" in error:
        return Refused("A quotation mark is opened and never closed.", row)
    if "field larger" in error:
        return Refused("A cell is very long. Is a quotation mark opened and never closed?", row)
    return Refused("A quotation mark stands within a quoted text; write it twice.", row)
