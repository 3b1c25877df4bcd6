"""A document as Markdown that reads back to the same blocks, its notes as footnotes."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

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
)
from csuite.documents.text import host_of, writable

_SPECIAL = re.compile(r"([\\`*_\[\]<>~|])")
# What would open a list, a heading or a rule at the start of a line.
_LEADING = re.compile(r"^(\s*)(\d*)([#+-]+|[.)]|=+)(?=\s|$)", re.M)
_RUN = re.compile(r"`+")
_ALIGNMENT = {"left": "---", "center": ":---:", "right": "---:"}
_SIGNS = {"strike": "~~", "bold": "**", "italic": "*"}
_ENTITY = re.compile(r"&(?=#?\w+;)")


def to_markdown(document: Document) -> str:
    """Ends with a newline. What was text stays text: its own asterisks and brackets are escaped."""
    parts = [f"# {_one_line(document.title)}"]
    if document.subtitle:
        parts.append(f"*{_one_line(document.subtitle)}*")
    parts += _blocks(document.blocks)
    if document.notes:
        parts.append(f"## {_one_line(document.notes_title)}")
        parts.append("\n".join(f"[^{n}]: {_inline(note)}" for n, note in enumerate(document.notes, 1)))
    if document.footer:
        parts += ["---", f"*{_one_line(document.footer)}*"]
    return writable("\n\n".join(parts) + "\n")


def _blocks(blocks: tuple[Block, ...]) -> list[str]:
    return [_block(block) for block in blocks]


def _block(block: Block) -> str:
    match block:
        case Heading(level, spans):
            return f"{'#' * level} {_inline(spans)}"
        case Caption(spans):
            return f"*{_inline(spans)}*"
        case Quote(inner):
            return _prefixed("> ", "\n\n".join(_blocks(inner)))
        case List():
            return _list(block)
        case Code(text):
            fence = "`" * max(3, 1 + max((len(run) for run in _RUN.findall(text)), default=0))
            return f"{fence}\n{text}\n{fence}"
        case Table():
            return "\n".join(_table(block))
        case Rule() | PageBreak():
            return "---"
        case _:
            return _inline(block.spans)


def _prefixed(prefix: str, text: str, first: str | None = None) -> str:
    lines = text.split("\n")
    start = prefix if first is None else first
    return "\n".join([(start + lines[0]).rstrip(), *((prefix + line).rstrip() for line in lines[1:])])


def _list(block: List) -> str:
    items = []
    for number, item in enumerate(block.items, block.start):
        sign = f"{number}. " if block.ordered else "- "
        items.append(_prefixed(" " * len(sign), _item(item), sign))
    return "\n".join(items)


def _item(item: tuple[Block, ...]) -> str:
    """A list right below its words keeps the outer list tight."""
    written = [("\n" if isinstance(block, List) else "\n\n") + _block(block) for block in item]
    return "".join(written).lstrip("\n")


def _table(table: Table) -> Iterator[str]:
    yield _row(table.header)
    yield "| " + " | ".join(_ALIGNMENT[side] for side in table.align) + " |"
    for row in table.rows:
        yield _row(row)


def _row(cells: tuple[Spans, ...]) -> str:
    return "| " + " | ".join(_inline(cell).replace("\\\n", " ").replace("\n", " ") for cell in cells) + " |"


def _inline(spans: Spans) -> str:
    return _LEADING.sub(r"\1\2\\\3", _styled(spans))


def _styled(spans: Iterable[Span], layers: tuple[str, ...] = ("link", "strike", "bold", "italic")) -> str:
    """One sign around all neighbours that share a style, so that signs never run into each other."""
    if not layers:
        return "".join(_plain(span) for span in spans)
    written = []
    for value, group in groupby(spans, key=attrgetter(layers[0])):
        inner = _styled(group, layers[1:])
        core = inner.strip()
        if value and core:
            wrapped = _linked(core, value) if layers[0] == "link" else f"{_SIGNS[layers[0]]}{core}{_SIGNS[layers[0]]}"
            inner = inner[: len(inner) - len(inner.lstrip())] + wrapped + inner[len(inner.rstrip()) :]
        written.append(inner)
    return "".join(written)


def _linked(words: str, address: str) -> str:
    if host_of(address) is None:
        return words
    return f"[{words}](<{address.replace('<', '%3C').replace('>', '%3E')}>)"


def _plain(span: Span) -> str:
    return (_code(span.text) if span.code else _escaped(span.text)) + (f"[^{span.note}]" if span.note else "")


def _code(text: str) -> str:
    sign = "`" * (1 + max((len(run) for run in _RUN.findall(text)), default=0))
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{sign}{padding}{text}{padding}{sign}"


def _escaped(text: str) -> str:
    return _ENTITY.sub(r"\\&", _SPECIAL.sub(r"\\\1", text)).replace("\n", "\\\n")


def _one_line(text: str) -> str:
    return _escaped(" ".join(text.split()))
