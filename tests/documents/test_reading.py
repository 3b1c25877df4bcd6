"""Markdown becomes blocks, and blocks become Markdown that reads the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csuite.documents import Code, Document, Heading, List, Marked, Paragraph, Quote, Rule, Span, Table, blocks
from csuite.documents.json import to_json
from csuite.documents.markdown import to_markdown
from csuite.documents.model import words


def only(text: str, *marked: Marked) -> tuple[Span, ...]:
    (block,) = blocks(text, marked)
    assert isinstance(block, Paragraph)
    return block.spans


def back(text: str) -> str:
    return to_markdown(Document("t", blocks(text))).split("\n\n", 1)[1]


def test_emphasis_code_strikes_and_links_become_spans() -> None:
    assert only("a **b** *c* `d` ~~e~~ [f](https://x.example)") == (
        Span("a "),
        Span("b", bold=True),
        Span(" "),
        Span("c", italic=True),
        Span(" "),
        Span("d", code=True),
        Span(" "),
        Span("e", strike=True),
        Span(" "),
        Span("f", link="https://x.example"),
    )


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil", "http://a b"]
)
def test_an_address_that_is_no_web_page_leaves_its_words_only(address: str) -> None:
    assert only(f"[words](<{address}>)") == (Span("words"),)


def test_an_image_is_its_words_and_never_a_picture() -> None:
    assert only("![pixel](https://evil.example/?d=1)") == (Span("pixel", link="https://evil.example/?d=1"),)


def test_raw_html_is_text() -> None:
    assert words(only("<script>alert(1)</script>")) == "<script>alert(1)</script>"


def test_headings_start_at_the_wanted_level_and_skip_none() -> None:
    read = blocks("### a\n\n# b\n\n###### c", level=3)
    assert [block.level for block in read if isinstance(block, Heading)] == [3, 3, 4]


def test_lists_quotes_code_rules_and_tables_keep_their_shape() -> None:
    read = blocks("3. x\n   - y\n\n> q\n\n```py\nc\n```\n\n---\n\n| a | b |\n|--|--:|\n| **1** | 2 |")
    assert read == (
        List(((Paragraph((Span("x"),)), List(((Paragraph((Span("y"),)),),))),), ordered=True, start=3),
        Quote((Paragraph((Span("q"),)),)),
        Code("c"),
        Rule(),
        Table(((Span("a"),), (Span("b"),)), (((Span("1", bold=True),), (Span("2"),)),), ("left", "right")),
    )


def test_a_traced_figure_keeps_its_mark_and_note_within_bold() -> None:
    assert only("It was **$4.2m** then", Marked(9, 14, "found", 1)) == (
        Span("It was "),
        Span("$4.2m", bold=True, mark="found", note=1),
        Span(" then"),
    )


def test_a_figure_in_code_gives_its_mark_to_no_other() -> None:
    read = blocks(
        "```\n41\n```\n\n`42` 43", (Marked(4, 6, "found", 1), Marked(13, 15, "not_found"), Marked(17, 19, "found", 2))
    )
    assert read == (
        Code("41"),
        Paragraph((Span("42", code=True, mark="not_found"), Span(" "), Span("43", mark="found", note=2))),
    )


def test_marks_that_overlap_or_lie_outside_are_left_out() -> None:
    marks = (Marked(0, 2, "found", 1), Marked(1, 3, "found", 2), Marked(3, 99, "found", 3), Marked(2, 2, "found", 4))
    assert only("1234", *marks) == (Span("12", mark="found", note=1), Span("34"))


def test_borders_that_a_writer_sends_mean_nothing() -> None:
    assert only("\ue0001\ue001 2", Marked(4, 5, "found", 1)) == (
        Span("\ufffd1\ufffd "),
        Span("2", mark="found", note=1),
    )


def test_characters_that_hide_or_reorder_text_are_gone() -> None:
    assert only("a\u202eb\u200bc\x00\U000e0041") == (Span("abc"),)


def test_notes_and_titles_are_written_as_footnotes() -> None:
    document = Document(
        "A *title*", (Paragraph((Span("x", note=1),)),), subtitle="s", notes=((Span("Ledger"),),), footer="Acme"
    )
    assert to_markdown(document) == ("# A \\*title\\*\n\n*s*\n\nx[^1]\n\n## Sources\n\n[^1]: Ledger\n\n---\n\n*Acme*\n")


@pytest.mark.parametrize(
    "text",
    [
        "a **b** **c*d*** *e~~f~~* e",
        "1\\. no list\n\n\\- nor this\n\n\\# nor a heading\n\n\\+ plus",
        "- a\n\n  b\n- c\n  1. d\n     > e",
        "> q\n>\n> - r",
        "````\n```\n````",
        "`` a`b ``",
        "a\\\nb",
        "| a \\| b | c |\n|:-:|---|\n| 1 |  |",
        "\\<b\\> &amp;amp; \\[x\\](y)",
        "[a](<https://x.example/a b>)",
    ],
)
def test_what_is_written_reads_back_the_same(text: str) -> None:
    assert blocks(back(text)) == blocks(text)


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Co"]), max_size=40).map(lambda t: " ".join(t.split())))
def test_plain_text_is_never_read_as_markdown_after_writing(text: str) -> None:
    document = Document("t", (Paragraph((Span(text),)),))
    read = blocks(to_markdown(document).split("\n\n", 1)[1])
    shown = "".join(words(block.spans) for block in read if isinstance(block, Paragraph))
    assert shown == words((Span(" ".join(shown.split())),))
    assert all(isinstance(block, Paragraph) for block in read)


def test_json_names_each_block_and_leaves_out_what_is_empty() -> None:
    written = to_json(Document("t", blocks("# h\n\nx **y**")))
    assert b'"type": "heading"' in written
    assert b'"bold": true' in written
    assert b"null" not in written
    assert b"italic" not in written
