"""What a document is made of. Values only; the writers turn them into files."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Mark = Literal["found", "calculated", "not_found"]
Alignment = Literal["left", "center", "right"]
Spans: TypeAlias = "tuple[Span, ...]"


@dataclass(frozen=True, slots=True)
class Span:
    """Text of one kind. `link` is an http, https or mailto address; `mark` says how a figure was traced.

    `note` is the number of an entry of Document.notes, from 1; it is shown behind the text.
    """

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    strike: bool = False
    link: str | None = None
    mark: Mark | None = None
    note: int | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 to 4; the document's own title is above them."""

    level: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class Paragraph:
    spans: Spans


@dataclass(frozen=True, slots=True)
class Caption:
    """A small line in a quiet colour: who spoke and when, what a table shows."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True)
class List:
    """`start` is the first number of an ordered list."""

    items: "tuple[tuple[Block, ...], ...]"
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """`header` and each row hold one cell per column, `align` one word per column."""

    header: tuple[Spans, ...]
    rows: tuple[tuple[Spans, ...], ...]
    align: tuple[Alignment, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    pass


@dataclass(frozen=True, slots=True)
class PageBreak:
    pass


Block = Heading | Paragraph | Caption | Quote | List | Code | Table | Rule | PageBreak


@dataclass(frozen=True, slots=True)
class Document:
    """`notes` are printed at the end under `notes_title`, numbered from 1. `header` and `footer` repeat on pages."""

    title: str
    blocks: tuple[Block, ...]
    subtitle: str = ""
    notes: tuple[Spans, ...] = ()
    notes_title: str = "Sources"
    header: str = ""
    footer: str = ""
    language: str = "en"
    author: str = ""


def plain(text: str) -> Spans:
    """The text as it is, nothing in it read as Markdown."""
    return (Span(text),)


def words(spans: Spans) -> str:
    """The text of the spans alone."""
    return "".join(span.text for span in spans)
