"""Figures become links in the HTML of an answer, wherever Markdown moved them, and nothing else changes."""

import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csuite.conversations.events import evidence_path
from csuite.conversations.markdown import render
from csuite.conversations.marking import FIRST, PLANTED, planted
from csuite.documents.text import visible
from tests.conversations.hostile import HOSTILE

PATH = evidence_path("0" * 32)  # type: ignore[arg-type]
LINK = re.compile(r'<a class="figure[^>]*>(.*?)</a>')


def found(text: str, *figures: str, cls: str = "found") -> list[dict[str, object]]:
    """Evidence for the figures, each looked for behind the one before."""
    evidence, at = [], 0
    for figure in figures:
        at = text.index(figure, at)
        evidence.append({"id": f"f{at}", "start": at, "end": at + len(figure), "class": cls, "text": figure})
        at += len(figure)
    return evidence


def plain(html: str) -> str:
    return LINK.sub(r"\1", html)


@pytest.mark.parametrize(
    ("text", "figures", "marked"),
    [
        ("It was **38.4%**, $4.2m and −27.", ["38.4%", "$4.2m", "−27"], ["38.4%", "$4.2m", "−27"]),
        ("| a | b |\n|---|--:|\n| x | 1,234 |", ["1,234"], ["1,234"]),
        ("- *2.8 points* lower\n- two thirds", ["2.8 points", "two thirds"], ["2.8 points", "two thirds"]),
        ("about \\$4m, **4.2**m", ["$4m", "4.2**m"], ["$4m", "4.2"]),
        ("🎧 7,310 and 4.2\nmillion", ["7,310", "4.2\nmillion"], ["7,310", "4.2"]),
        ("hid\u200bden 5\u200b% here", ["5\u200b%"], ["5%"]),
        ("5 & 5 and 5", ["5", "5", "5"], ["5", "5", "5"]),
    ],
)
def test_each_figure_is_a_link_to_its_page(text: str, figures: list[str], marked: list[str]) -> None:
    evidence = found(text, *figures)
    html = render(text, evidence, PATH)
    assert LINK.findall(html) == marked
    assert [one["id"] for one in evidence] == re.findall(rf'href="{PATH}(f\d+)/"', html)
    assert plain(html) == render(text)


@pytest.mark.parametrize(
    "text",
    ["`38.4%`", "```\n38.4%\n```", "    38.4%", "[38.4%](https://a.example/)", "![38.4%](x)", "x &#38.4%;"],
)
def test_code_links_and_pictures_stay_as_they_are(text: str) -> None:
    assert render(text, found(text, "38.4%"), PATH) == render(text)


def test_an_address_with_a_figure_leads_where_it_did() -> None:
    text = "[here](https://a.example/38 'x') and https://a.example/38"
    assert render(text, found(text, "38"), PATH) == render(text)


@pytest.mark.parametrize("cls", ["found", "calculated", "not_found"])
def test_a_mark_says_in_words_what_it_means(cls: str) -> None:
    (opening,) = re.findall("<a[^>]*>", render("5%", found("5%", "5%", cls=cls), PATH))
    words = {
        "found": "From your data",
        "calculated": "Calculated from your data",
        "not_found": "Not found in your data",
    }
    assert f'title="{words[cls]}"' in opening
    assert re.search(r'aria-describedby="figure-[vdu]"', opening)


@pytest.mark.parametrize("attack", HOSTILE)
def test_an_attack_around_figures_stays_inert_text(attack: str) -> None:
    text = f"1% {attack} 2%\n\n{attack}3%{attack}"
    html = render(text, found(text, "1%", "2%", "3%"), PATH)
    assert plain(html) == render(text)


@pytest.mark.parametrize("forged", [chr(FIRST), f"&#{FIRST};", f"&#x{FIRST:x};", chr(FIRST) * 3, f"`x{chr(FIRST)}`"])
def test_a_text_cannot_bring_its_own_marks(forged: str) -> None:
    text = f"{forged}8.4% and 38.4% {forged}"
    evidence = found(text, "38.4%")
    html = render(text, evidence, PATH)
    assert LINK.findall(html) == ["38.4%"]
    assert plain(html) == render(text)
    assert not PLANTED.search(html)


@given(st.data())
def test_marks_never_change_what_a_text_says(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet=st.sampled_from(list("1234.,%$*_`~|-#[]()<>&;\\ \nab")), max_size=60))
    starts = data.draw(st.lists(st.integers(0, 60), max_size=4, unique=True))
    evidence: list[dict[str, Any]] = []
    for start in sorted(starts):
        figure = re.compile(r"[$]?\d[\d.,]*%?").match(text, start)
        if figure and (not evidence or figure.start() >= evidence[-1]["end"]):
            evidence += [{"id": f"f{start}", "start": figure.start(), "end": figure.end(), "class": "found"}]
    html = render(text, evidence, PATH)
    # A list number is no figure of a sentence: the checker never gives one.
    if not any(re.match(r"\d+[.)]", text[one["start"] :]) for one in evidence):
        assert plain(html) == render(text)
    assert not PLANTED.search(html)


def test_a_thousand_figures_are_planted_in_order() -> None:
    text = " ".join(f"{n}%" for n in range(1000))
    source, marks = planted(text, found(text, *(f"{n}%" for n in range(1000))), PATH, visible)
    assert len(marks) == 1000
    assert [marks[key].text for key in PLANTED.findall(source)] == text.split()
    assert max(map(ord, source)) < sys.maxunicode
