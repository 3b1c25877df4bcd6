"""From the bytes of a file to a table: pure, no database. What cannot be read is Refused, with row and column."""

from csuite.imports.reading.files import read_file
from csuite.imports.reading.table import Cell, Refused, Table

__all__ = ["Cell", "Refused", "Table", "read_file"]
