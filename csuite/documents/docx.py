"""A document as DOCX: real headings, lists, tables with repeated heading rows, links, and the notes at the end."""

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import docx
from docx.document import Document as File
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

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
from csuite.documents.text import direction, host_of, writable

_QUIET, _ACCENT = RGBColor(106, 100, 92), RGBColor(28, 78, 122)
_ALIGNMENT = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_STEP, _DEEPEST = Pt(18), 12


def to_docx(document: Document) -> bytes:
    """The file. Text is only ever written into text runs, so none of it can become a field or a macro."""
    file = docx.Document()
    _properties(file, document)
    file.styles["Normal"].font.size = Pt(10.5)
    file.add_paragraph(writable(document.title), style="Title")
    if document.subtitle:
        _small(file.add_paragraph(), (Span(document.subtitle),))
    writer = _Writer(file)
    for block in document.blocks:
        writer.block(block)
    if document.notes:
        file.add_heading(writable(document.notes_title), 1)
    for number, note in enumerate(document.notes, 1):
        writer.runs(file.add_paragraph(), (Span(f"{number}. "), *note))
    data = BytesIO()
    file.save(data)
    return data.getvalue()


def _properties(file: File, document: Document) -> None:
    core = file.core_properties
    core.title, core.author, core.comments = writable(document.title)[:250], writable(document.author)[:250], ""
    core.language, core.last_modified_by = document.language, ""
    core.created = core.modified = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    section = file.sections[0]
    section.header.paragraphs[0].text = writable(document.header)
    foot = section.footer.paragraphs[0]
    foot.text = writable(document.footer) + ("  ·  " if document.footer else "")
    _page_number(foot)


def _page_number(paragraph: Any) -> None:
    """The one field of a file: the number of its page."""
    run = paragraph.add_run()._r
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text or None
        run.append(element)


def _small(paragraph: Any, spans: Spans) -> None:
    for span in spans:
        run = paragraph.add_run(writable(span.text))
        run.font.size, run.font.color.rgb = Pt(9), _QUIET


class _Writer:
    def __init__(self, file: File) -> None:
        self.file = file
        self.depth = 0

    def block(self, block: Block) -> None:
        match block:
            case Heading(level, spans):
                self.runs(self.file.add_heading("", min(level, 4)), spans)
            case Caption(spans):
                _small(self._paragraph(), spans)
            case Quote(inner):
                self._inset(inner)
            case List():
                self._list(block)
            case Code(text):
                run = self._paragraph().add_run(writable(text))
                run.font.name, run.font.size = "Consolas", Pt(9)
            case Table():
                self._table(block)
            case Rule():
                self._paragraph().add_run("* * *")
            case PageBreak():
                self._paragraph().add_run().add_break(WD_BREAK.PAGE)
            case _:
                self.runs(self._paragraph(), block.spans)

    def _paragraph(self) -> Any:
        paragraph = self.file.add_paragraph()
        paragraph.paragraph_format.left_indent = _STEP * min(self.depth, _DEEPEST)
        return paragraph

    def _inset(self, inner: tuple[Block, ...]) -> None:
        self.depth += 1
        for block in inner:
            self.block(block)
        self.depth -= 1

    def _list(self, block: List) -> None:
        self.depth += 1
        for number, item in enumerate(block.items, block.start):
            sign = f"{number}.\t" if block.ordered else "•\t"
            first = item[0] if item else None
            spans: Spans = getattr(first, "spans", ())
            paragraph = self._paragraph()
            paragraph.paragraph_format.first_line_indent = -_STEP
            self.runs(paragraph, (Span(sign), *spans))
            for other in item[1:] if spans or first is None else item:
                self.block(other)
        self.depth -= 1

    def _table(self, table: Table) -> None:
        drawn = self.file.add_table(rows=0, cols=len(table.header), style="Table Grid")
        for number, row in enumerate((table.header, *table.rows)):
            cells = drawn.add_row().cells
            for cell, spans, side in zip(cells, row, table.align, strict=True):
                paragraph = cell.paragraphs[0]
                paragraph.alignment = _ALIGNMENT[side]
                self.runs(paragraph, spans, bold=number == 0)
        repeated = OxmlElement("w:tblHeader")
        drawn.rows[0]._tr.get_or_add_trPr().append(repeated)
        self.file.add_paragraph()

    def runs(self, paragraph: Any, spans: Spans, bold: bool = False) -> None:
        """Writes the spans; a paragraph whose first letter is read from right to left is set that way."""
        rtl = direction(words(spans)) == "rtl"
        if rtl:
            paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
        for span in spans:
            run = paragraph.add_run(writable(span.text))
            run.bold, run.italic = (span.bold or bold) or None, span.italic or None
            run.font.strike, run.font.rtl = span.strike or None, rtl or None
            if span.code:
                run.font.name = "Consolas"
            if span.link and host_of(span.link) is not None:
                _linked(paragraph, run, span.link)
            raised = (str(span.note) if span.note else "") + ("?" if span.mark == "not_found" else "")
            if raised:
                paragraph.add_run(raised).font.superscript = True


def _linked(paragraph: Any, run: Any, address: str) -> None:
    """Moves the run into a link to the address."""
    run.font.color.rgb, run.font.underline = _ACCENT, True
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    link.append(run._r)
    paragraph._p.append(link)
