"""Which kind of file it is: by what it holds, never by its name alone."""

from csuite.imports.reading.delimited import read_delimited
from csuite.imports.reading.table import Refused, Table
from csuite.imports.reading.workbook import read_workbook

MOST_BYTES = 24 * 1024 * 1024
TEXT = {".csv", ".tsv", ".txt"}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KNOWN = ((b"%PDF", "a PDF"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"GIF8", "a picture"),
          (b"\x1f\x8b", "a packed file"), (b"Rar!", "a packed file"), (b"{\\rtf", "a text document"))  # fmt: skip


def read_file(name: str, data: bytes) -> Table:
    """The table of a CSV or XLSX file. Raises Refused, in a sentence for a person."""
    ending = f".{name.rpartition('.')[2].lower()}" if "." in name else ""
    if not data:
        raise Refused("The file is empty: it has 0 bytes.")
    if len(data) > MOST_BYTES:
        raise Refused(f"The file is larger than {MOST_BYTES // 1024**2} MB. Split it.")
    if data.startswith(_OLD_OFFICE):
        raise Refused("This is an Excel file of the old kind, or one with a password. Save it as .xlsx without one.")
    what = next((what for start, what in _KNOWN if data.startswith(start)), "")
    if what:
        raise Refused(f"This is {what}. Only CSV and XLSX can be imported.")
    packed = data.startswith(b"PK\x03\x04")
    if ending in {".xlsm", ".xlsb", ".xltm"}:
        raise Refused("Workbooks with macros are not opened. Save it as .xlsx.")
    if packed != (ending == ".xlsx") or (not packed and ending not in TEXT):
        raise _misnamed(ending, packed)
    return read_workbook(data) if packed else read_delimited(data)


def _misnamed(ending: str, packed: bool) -> Refused:
    if ending == ".xlsx":
        return Refused("The name ends in .xlsx, but it is no workbook. Is it a CSV file with another name?")
    if packed and ending in TEXT:
        return Refused(f"The name ends in {ending}, but it is a workbook or a packed file. Give it its own name again.")
    return Refused(f"Files named {ending or 'without an ending'} cannot be imported. Only CSV and XLSX can.")
