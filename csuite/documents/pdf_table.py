"""Tables of a PDF: columns as wide as their words ask for, headings again on each page."""

from collections.abc import Iterator

from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace

from csuite.documents.model import Spans, Table
from csuite.documents.sheet import INK, LINE, SANS, SHADE, Sheet, note_of

SIZE, ROW = 8.5, 4.4  # points, mm
NARROWEST, WIDEST = 12.0, 70.0  # mm a column may ask for
LONGEST = 900  # characters of a cell that fit a page in the narrowest column; a longer one goes on in the next row


def draw(sheet: Sheet, table: Table, indent: float = 0) -> None:
    """Draws it at the sheet's place and leaves the place below it."""
    sheet.set_font(SANS, "", SIZE)
    sheet.ink()
    sheet.set_draw_color(*LINE)
    sheet.set_line_width(0.2)
    header = [_words(sheet, cell) for cell in table.header]
    rows = [part for row in table.rows for part in _parts([_words(sheet, cell) for cell in row])]
    sheet.shape("".join(header) + "".join("".join(row) for row in rows))
    sheet.set_x(sheet.l_margin + indent)
    bold = FontFace(emphasis="BOLD", color=INK, fill_color=SHADE)
    with sheet.table(
        align="LEFT",
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        col_widths=_widths(sheet, [header, *rows]),
        headings_style=bold,
        line_height=ROW,
        text_align=tuple(side.upper() for side in table.align),
        v_align="TOP",
        width=sheet.epw - indent,
        padding=(0.9, 1.6),
        first_row_as_headings=True,
    ) as drawn:
        for cells in [header, *rows]:
            row = drawn.row()
            for cell in cells:
                row.cell(cell)
    sheet.set_text_shaping(False)
    sheet.y += 3.5


def _words(sheet: Sheet, cell: Spans) -> str:
    return sheet.clean("".join(span.text + note_of(span) for span in cell)).strip()


def _parts(row: list[str]) -> Iterator[list[str]]:
    """The row, or several where a cell is longer than a page: a table breaks between rows only."""
    for at in range(0, max(map(len, row), default=0) or 1, LONGEST):
        yield [cell[at : at + LONGEST] for cell in row]


def _widths(sheet: Sheet, rows: list[list[str]]) -> tuple[float, ...]:
    """Shares of the width: what the longest cell of a column asks for, within bounds."""
    asked = []
    for column in zip(*rows, strict=True):
        longest = max(column, key=len)
        asked.append(min(WIDEST, max(NARROWEST, sheet.get_string_width(longest[:80]) + 5)))
    return tuple(asked)
