"""Documents on paper and in files: one small model, written as PDF, DOCX, Markdown or JSON.

Pure: values in, bytes or text out. Nothing is fetched, and no text can act as a field, a formula, a script or a tag.
"""

from csuite.documents.docx import to_docx
from csuite.documents.json import to_json
from csuite.documents.markdown import to_markdown
from csuite.documents.model import (
    Block,
    Caption,
    Code,
    Document,
    Heading,
    List,
    PageBreak,
    Paragraph,
    Quote,
    Rule,
    Span,
    Table,
)
from csuite.documents.pdf import to_pdf
from csuite.documents.reading import Marked, blocks

__all__ = [
    "Block",
    "Caption",
    "Code",
    "Document",
    "Heading",
    "List",
    "Marked",
    "PageBreak",
    "Paragraph",
    "Quote",
    "Rule",
    "Span",
    "Table",
    "blocks",
    "to_docx",
    "to_json",
    "to_markdown",
    "to_pdf",
]
