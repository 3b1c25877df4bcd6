"""Markdown to blocks, with raw HTML off. A figure that was traced keeps its mark through bold, tables and links."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode as Node

from csuite.documents.model import (
    Alignment,
    Block,
    Code,
    Heading,
    List,
    Mark,
    Paragraph,
    Quote,
    Rule,
    Span,
    Spans,
    Table,
)
from csuite.documents.text import host_of, writable

LAST_LEVEL = 4
# Two characters of the private use area stand in the text where a figure begins and ends: offsets in the source
# mean nothing after parsing. Those that a writer sent are replaced first.
_BEGINS, _ENDS = "\ue000", "\ue001"
_BORDER = re.compile(f"([{_BEGINS}{_ENDS}])")
_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_PARSER.validateLink = lambda url: True  # type: ignore[method-assign]  # host_of judges, and keeps the words


@dataclass(frozen=True, slots=True)
class Marked:
    """A figure of the text by its code points, how it was traced, and the note that says so (from 1)."""

    start: int
    end: int
    mark: Mark
    note: int | None = None


def blocks(text: str, marked: Sequence[Marked] = (), level: int = 2) -> tuple[Block, ...]:
    """The blocks of a Markdown text. Its first heading gets `level`; the others follow relative to it."""
    source, figures = _bordered(_BORDER.sub("\ufffd", text), marked)
    return tuple(_Reader(figures, level).blocks(Node(_PARSER.parse(writable(source)))))


def _bordered(text: str, marked: Sequence[Marked]) -> tuple[str, list[Marked]]:
    """The text with borders put in, and the figures in the order in which they are met; overlapping ones are left."""
    pieces, kept, at = [], [], 0
    for figure in sorted(marked, key=lambda one: (one.start, one.end)):
        if at <= figure.start < figure.end <= len(text):
            pieces += [text[at : figure.start], _BEGINS, text[figure.start : figure.end], _ENDS]
            kept.append(figure)
            at = figure.end
    return "".join(pieces) + text[at:], kept


class _Reader:
    def __init__(self, figures: list[Marked], level: int) -> None:
        self._figures = iter(figures)
        self._level = level
        self._base: int | None = None
        self._deepest = level

    def blocks(self, parent: Node) -> Iterator[Block]:
        for node in parent.children:
            if node.type in ("paragraph", "heading", "table"):
                yield getattr(self, f"_{node.type}")(node)
            elif node.type in ("bullet_list", "ordered_list"):
                yield self._list(node)
            elif node.type == "blockquote":
                yield Quote(tuple(self.blocks(node)))
            elif node.type in ("fence", "code_block"):
                self._passed(node.content)
                yield Code(_BORDER.sub("", node.content).rstrip("\n"))
            elif node.type == "hr":
                yield Rule()

    def _passed(self, text: str) -> None:
        """Figures in code stay without a mark, but must not give theirs to the next one."""
        for _ in range(text.count(_BEGINS)):
            next(self._figures, None)

    def _paragraph(self, node: Node) -> Block:
        return Paragraph(self.spans(node))

    def _heading(self, node: Node) -> Block:
        raw = int(node.tag[1])
        self._base = raw if self._base is None else self._base
        level = max(self._level, min(raw - self._base + self._level, self._deepest, LAST_LEVEL))
        self._deepest = level + 1
        return Heading(level, self.spans(node))

    def _list(self, node: Node) -> Block:
        ordered = node.type == "ordered_list"
        start = int(node.attrs.get("start", 1)) if ordered else 1
        return List(tuple(tuple(self.blocks(item)) for item in node.children), ordered, start)

    def _table(self, node: Node) -> Block:
        rows = [list(row.children) for part in node.children for row in part.children]
        align = tuple(_alignment(cell) for cell in rows[0])
        header, *others = [tuple(self.spans(cell) for cell in row) for row in rows]
        return Table(header, tuple(others), align)

    def spans(self, node: Node) -> Spans:
        inline = node.children[0] if node.children else None
        return _joined(self._inline(inline, Span(""))) if inline is not None else ()

    def _inline(self, parent: Node, style: Span) -> Iterator[Span]:
        figure: Marked | None = None
        for node in parent.children:
            if node.type in ("text", "code_inline", "image"):
                plain = _leaf(node, style)
                for piece in _BORDER.split(plain.text):
                    if piece == _BEGINS:
                        figure = next(self._figures, None)
                    elif piece == _ENDS:
                        yield replace(style, text="", note=figure.note if figure else None)
                        figure = None
                    else:
                        yield replace(plain, text=piece, mark=figure.mark if figure else plain.mark)
            elif node.type in ("softbreak", "hardbreak"):
                yield replace(style, text=" " if node.type == "softbreak" else "\n")
            else:
                yield from self._inline(node, _styled(node, style))


def _leaf(node: Node, style: Span) -> Span:
    if node.type == "code_inline":
        return replace(style, text=node.content, code=True)
    if node.type == "image":
        return replace(style, text=node.content or "image", link=_address(node.attrs.get("src")) or style.link)
    return replace(style, text=node.content)


def _styled(node: Node, style: Span) -> Span:
    if node.type == "strong":
        return replace(style, bold=True)
    if node.type == "em":
        return replace(style, italic=True)
    if node.type == "s":
        return replace(style, strike=True)
    if node.type == "link":
        return replace(style, link=_address(node.attrs.get("href")))
    return style


def _address(address: object) -> str | None:
    wanted = _BORDER.sub("", str(address or "")).replace("%EE%80%80", "").replace("%EE%80%81", "")
    return wanted if host_of(wanted) is not None else None


def _alignment(cell: Node) -> Alignment:
    style = str(cell.attrs.get("style") or "")
    return cast(Alignment, next((side for side in ("right", "center") if side in style), "left"))


def _joined(spans: Iterator[Span]) -> Spans:
    """Neighbours of one kind become one span; a note stays behind the text it belongs to."""
    done: list[Span] = []
    for span in spans:
        if (
            done
            and done[-1].note is None
            and replace(done[-1], text="", note=None) == replace(span, text="", note=None)
        ):
            done[-1] = replace(span, text=done[-1].text + span.text)
        elif done and not span.text and span.note is not None and done[-1].note is None:
            done[-1] = replace(done[-1], note=span.note)
        elif span.text or span.note is not None:
            done.append(span)
    return tuple(done)
