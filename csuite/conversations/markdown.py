"""Markdown of models to HTML that is safe to show: parsed with raw HTML off, then sanitised, in that order.

The classes are the design's; static/js/markdown.js builds the same elements while a text streams.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Literal, Name, String, _TokenType
from pygments.util import ClassNotFound

from csuite.conversations.marking import LOOKS, marked, planted, restored, restored_address
from csuite.documents.text import host_of, visible

SHORT = 400  # characters; a thread costs more
LONGEST_HIGHLIGHT = 20_000  # characters; some lexers are quadratic
FIRST_HEADING, LAST_HEADING = 3, 6  # the page has h1, a message has h2
CODE_CLASSES = (
    (Comment, "c"),
    (Keyword, "k"),
    (String, "s"),
    (Literal, "m"),
    (Name.Function, "f"),
    (Name.Class, "f"),
)
TABLE = '<div class="scroll-x" tabindex="0" role="group" aria-label="Table"><table class="table">\n'
CODE, CODE_END = '<pre class="code" tabindex="0"><code>', "</code></pre>\n"

_TAGS = {"p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"} | {
    *("div", "table", "thead", "tbody", "tr", "th", "td", "h3", "h4", "h5", "h6")
}
_CLASSES = {
    "div": {"scroll-x"},
    "table": {"table"},
    "th": {"n", "mid"},
    "td": {"n", "mid"},
    "pre": {"code"},
    "span": {"host", *(name for _, name in CODE_CLASSES)},
    "a": {name for css, _, _ in LOOKS.values() for name in css.split()},
}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_VALUES = {
    "th": {"scope": {"col", "row"}},
    "div": {"tabindex": {"0"}, "role": {"group"}, "aria-label": {"Table"}},
    "pre": {"tabindex": {"0"}},
    "a": {"title": {title for _, title, _ in LOOKS.values()}, "aria-describedby": {id for _, _, id in LOOKS.values()}},
}


def render(text: str, evidence: Iterable[Mapping[str, Any]] = (), path: str = "") -> str:
    """Sanitised HTML of a model's Markdown. Pure; the same text gives the same HTML.

    `evidence`: as in the socket contract; each figure becomes a link to its page below `path`.
    """
    source, marks = planted(text, evidence, path, visible)
    html = _PARSER.render(source, {"marks": dict(marks), "planted": marks})
    return nh3.clean(
        restored(html, marks).strip(),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        tag_attribute_values=_VALUES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        clean_content_tags={"script", "style"},
    )


async def rendered(text: str, evidence: Iterable[Mapping[str, Any]], path: str) -> str:
    """The same without holding up the event loop: a long text is rendered in a thread."""
    if len(text) > SHORT:
        return await asyncio.to_thread(render, text, evidence, path)
    return render(text, evidence, path)


class _Renderer(RendererHTML):
    """Our classes, headings below the page's own, no image, and links that say where they lead."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        content = tokens[idx].content
        if not env["marks"] or any(host_of(address) is not None for address, _ in env.get("links", ())):
            return escape(content)
        return marked(content, env["marks"])

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<h{_heading(tokens[idx], env)}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"</h{env['heading']}>\n"

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return TABLE

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"

    def tr_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        env["first_cell"] = True
        return "<tr>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        # A header without words announces nothing: it is a plain cell.
        env["cell"] = "th" if tokens[idx + 1].content.strip() else "td"
        scope = ' scope="col"' if env["cell"] == "th" else ""
        return f"<{env['cell']}{scope}{_alignment(tokens[idx])}>"

    def th_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"</{env['cell']}>\n"

    def td_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        row_header = env.pop("first_cell", False) and bool(tokens[idx + 1].content.strip())
        env["cell"] = "th" if row_header else "td"
        return f'<th scope="row"{_alignment(tokens[idx])}>' if row_header else f"<td{_alignment(tokens[idx])}>"

    def td_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"</{env['cell']}>\n"

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        words = token.content or "image"
        address = restored_address(str(token.attrGet("src") or ""), env["planted"])
        return _link(address, escape(words), words)

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        address = restored_address(str(tokens[idx].attrGet("href") or ""), env["planted"])
        links = env.setdefault("links", [])
        links.append((address, restored(_words_after(tokens, idx), env["planted"])))
        return "" if host_of(address) is None else f'<a href="{escape(address)}">'

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        address, words = env["links"].pop()
        return "" if host_of(address) is None else f"</a>{_host_note(address, words)}"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        language = token.info.split()[0] if token.info.strip() else ""
        return CODE + "".join(_coloured(restored(token.content, env["planted"]), language)) + CODE_END

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return CODE + escape(tokens[idx].content) + CODE_END


def _heading(token: Token, env: EnvType) -> int:
    """The first heading becomes h3, the others follow relative to it; no level is skipped on the way down."""
    raw = int(token.tag[1])
    base = env.setdefault("heading_base", raw)
    deepest = min(env.get("heading", FIRST_HEADING - 1) + 1, LAST_HEADING)
    env["heading"] = max(FIRST_HEADING, min(raw - base + FIRST_HEADING, deepest))
    level: int = env["heading"]
    return level


def _alignment(token: Token) -> str:
    """A column's alignment as a class: style attributes are refused by our content security policy."""
    style = str(token.attrGet("style") or "")
    return ' class="n"' if "right" in style else ' class="mid"' if "center" in style else ""


def _link(address: str, inner: str, words: str) -> str:
    if host_of(address) is None:
        return inner
    return f'<a href="{escape(address)}">{inner}</a>{_host_note(address, words)}'


def _host_note(address: str, words: str) -> str:
    """Where a link leads, unless its words are that address: a reader must not have to hover to find out."""
    host = host_of(address)
    shown = words.strip().lower()
    return f' <span class="host">({escape(host)})</span>' if host and host not in (shown, host_of(shown)) else ""


def _words_after(tokens: Sequence[Token], idx: int) -> str:
    words = []
    for token in tokens[idx + 1 :]:
        if token.type == "link_close":
            break
        words.append(token.content)
    return "".join(words)


def _coloured(code: str, language: str) -> Iterator[str]:
    lexer = _lexer(language) if len(code) <= LONGEST_HIGHLIGHT else None
    if lexer is None:
        yield escape(code)
        return
    for kind, piece in lexer.get_tokens(code):
        name = _code_class(kind)
        yield f'<span class="{name}">{escape(piece)}</span>' if name else escape(piece)


def _lexer(language: str) -> Any:
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False) if language else None
    except ClassNotFound:
        return None


def _without_hidden(state: StateCore) -> None:
    """What a reader must not miss does not come back as a character reference."""
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "text_special":
                child.content = visible(child.content)


def _code_class(kind: _TokenType) -> str:
    return next((name for parent, name in CODE_CLASSES if kind in parent), "")


_PARSER = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable(["table", "strikethrough"])
# Addresses are judged by host_of; a refused one must still show its words, not the source.
_PARSER.core.ruler.before("text_join", "hidden", _without_hidden)
_PARSER.validateLink = lambda url: True  # type: ignore[method-assign]
