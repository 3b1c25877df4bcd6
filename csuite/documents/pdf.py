"""A document as PDF: selectable text in any script our fonts hold, tables that go on over pages, an outline."""

from fpdf.enums import WrapMode
from fpdf.text_region import Paragraph as Lines

from csuite.documents import pdf_table
from csuite.documents.markdown import to_markdown
from csuite.documents.model import (
    Block,
    Caption,
    Code,
    Document,
    Heading,
    List,
    PageBreak,
    Quote,
    Rule,
    Span,
    Spans,
    Table,
    words,
)
from csuite.documents.sheet import ACCENT, INK, LINE, MONO, QUIET, SANS, SERIF, SHADE, SIZE, Sheet, note_of
from csuite.documents.text import host_of

STEP = 6.0  # mm that a list or a quote is set in
LINE_HEIGHT = 1.42
_SIZES = {1: 15.0, 2: 13.0, 3: 11.5, 4: 10.5}


def to_pdf(document: Document) -> bytes:
    """The file. Characters that no font of ours has are shown as �; the text itself is then attached as Markdown."""
    sheet = Sheet(document.header, document.footer)
    sheet.set_title(sheet.clean(document.title))
    sheet.set_lang(document.language)
    if document.author:
        sheet.set_author(sheet.clean(document.author))
    sheet.add_page()
    writer = _Writer(sheet, len(document.notes))
    writer.title(document)
    for block in document.blocks:
        writer.block(block)
    writer.notes(document)
    if sheet.lost:
        writer.paragraph(
            (Span("Some characters could not be drawn; the attached text.md holds them."),), size=8, colour=QUIET
        )
        sheet.embed_file(bytes=to_markdown(document).encode(), basename="text.md", mime_type="text/markdown")
    return bytes(sheet.output())


class _Writer:
    def __init__(self, sheet: Sheet, notes: int) -> None:
        self.sheet = sheet
        self.targets = [sheet.add_link() for _ in range(notes)]
        self.indent = 0.0

    def title(self, document: Document) -> None:
        self.sheet.start_section(self.sheet.clean(document.title)[:200], 0, strict=False)
        self.paragraph((Span(document.title),), family=SERIF, size=20, after=1.5)
        if document.subtitle:
            self.paragraph((Span(document.subtitle),), colour=QUIET, size=9.5, after=3)
        self._rule()

    def notes(self, document: Document) -> None:
        if not document.notes:
            return
        self.block(Heading(2, (Span(document.notes_title),)))
        for number, note in enumerate(document.notes, 1):
            self._room(8)
            self.sheet.set_link(self.targets[number - 1], y=self.sheet.y, page=self.sheet.page)
            self.paragraph(note, size=8.5, bullet=f"{number}.", after=0.8)

    def block(self, block: Block) -> None:
        match block:
            case Heading(level, spans):
                self._heading(level, spans)
            case Caption(spans):
                self.paragraph(spans, size=8.5, colour=QUIET, after=1.6)
            case Quote(inner):
                self._inset(inner)
            case List():
                self._list(block)
            case Code(text):
                self._code(text)
            case Table():
                self._table(block)
            case Rule():
                self._rule()
            case PageBreak():
                self.sheet.add_page()
            case _:
                self.paragraph(block.spans)

    def _heading(self, level: int, spans: Spans) -> None:
        self._room(24)  # a heading alone at the foot of a page belongs on the next
        self.sheet.y += 2.5 if self.sheet.y > self.sheet.t_margin else 0
        name = self.sheet.clean(words(spans)).strip()[:200]
        if name:
            self.sheet.start_section(name, min(level, 3), strict=False)
        bold = tuple(Span(span.text, bold=level > 2, italic=span.italic, note=span.note) for span in spans)
        self.paragraph(bold, family=SERIF if level <= 2 else SANS, size=_SIZES.get(level, SIZE), after=1.4)

    def _inset(self, inner: tuple[Block, ...]) -> None:
        self.indent += STEP
        for block in inner:
            self.block(block)
        self.indent -= STEP

    def _list(self, block: List) -> None:
        for number, item in enumerate(block.items, block.start):
            sign = f"{number}." if block.ordered else "•"
            first, *others = item or (None,)
            self.indent += STEP
            self.paragraph(_first_line(first), bullet=sign, after=0.9 if not others else 1.6)
            for other in others if _first_line(first) or first is None else item:
                self.block(other)
            self.indent -= STEP
        self.sheet.y += 1.2

    def _code(self, text: str) -> None:
        sheet = self.sheet
        sheet.set_font(MONO, "", 8.5)
        sheet.ink()
        sheet.set_fill_color(*SHADE)
        sheet.set_text_shaping(False)
        sheet.set_x(sheet.l_margin + self.indent)
        sheet.c_margin = 1.6
        width = sheet.epw - self.indent
        sheet.multi_cell(
            width,
            4.2,
            sheet.clean(text) or " ",
            fill=True,
            align="L",
            wrapmode=WrapMode.CHAR,
            new_x="LMARGIN",
            new_y="NEXT",
        )
        sheet.c_margin = 0.0
        sheet.y += 2.6

    def _table(self, table: Table) -> None:
        self._room(20)
        pdf_table.draw(self.sheet, table, self.indent)

    def _rule(self) -> None:
        sheet = self.sheet
        sheet.set_draw_color(*LINE)
        sheet.set_line_width(0.2)
        sheet.line(sheet.l_margin + self.indent, sheet.y, sheet.w - sheet.r_margin, sheet.y)
        sheet.y += 3

    def _room(self, height: float) -> None:
        if self.sheet.will_page_break(height):
            self.sheet.add_page()

    def paragraph(
        self,
        spans: Spans,
        *,
        family: str = SANS,
        size: float = SIZE,
        colour: tuple[int, int, int] = INK,
        bullet: str = "",
        after: float = 2.4,
    ) -> None:
        """One paragraph with its links and notes; right-to-left text stands at the right."""
        sheet = self.sheet
        align = sheet.shape(words(spans))
        sheet.set_font(family, "", size)
        sheet.ink(colour)
        left = sheet.l_margin + self.indent - (STEP if bullet and self.indent else 0)
        if sheet.turned(words(spans)):
            self._turned(spans, align, left, bullet, after)
            return
        with (
            sheet.text_columns(l_margin=left, text_align=align, line_height=LINE_HEIGHT) as column,
            column.paragraph(
                bottom_margin=after,
                indent=STEP if bullet else 0,
                bullet_string=bullet,
                bullet_r_margin=1.5,
            ) as paragraph,
        ):
            for span in spans:
                self._face(span, family, size, colour)
                paragraph.write(sheet.clean(span.text), link=_link(span))
                self._after(span, paragraph)
            if not spans:
                paragraph.write(" ")
        sheet.set_text_shaping(False)

    def _turned(self, spans: Spans, align: str, left: float, bullet: str, after: float) -> None:
        """Text with a part from right to left, as one run: in one face, its addresses in words."""
        sheet = self.sheet
        text = "".join(span.text + note_of(span) + _address_of(span) for span in spans)
        height = sheet.font_size * LINE_HEIGHT
        sheet.set_x(left)
        sheet.multi_cell(
            sheet.w - sheet.r_margin - left,
            height,
            sheet.clean(f"{bullet} {text}".strip()),
            align=align,
            new_x="LMARGIN",
            new_y="NEXT",
        )
        sheet.y += after
        sheet.set_text_shaping(False)

    def _face(self, span: Span, family: str, size: float, colour: tuple[int, int, int]) -> None:
        style = "" if family != SANS else "B" * span.bold + "I" * span.italic
        self.sheet.set_font(MONO if span.code else family, "" if span.code else style + "S" * span.strike, size)
        self.sheet.ink(ACCENT if _link(span) else colour)

    def _after(self, span: Span, paragraph: Lines) -> None:
        raised = note_of(span)
        if raised:
            self.sheet.ink(ACCENT)
            target = self.targets[span.note - 1] if span.note and span.note <= len(self.targets) else None
            paragraph.write(raised, link=target)


def _link(span: Span) -> str | None:
    return span.link if span.link and host_of(span.link) is not None else None


def _address_of(span: Span) -> str:
    address = _link(span)
    return f" ({address})" if address and address != span.text else ""


def _first_line(block: Block | None) -> Spans:
    """What stands beside the sign of a list item."""
    return getattr(block, "spans", ()) if not isinstance(block, Heading) else block.spans
