"""Where an answer's figures stand in its HTML. Pure.

Offsets of evidence count code points of the Markdown, and Markdown moves them. So one character of each figure is
replaced by a character of Unicode's last private planes before parsing; it is a word character like the one that it
stands for, so nothing parses differently. No text of a model has such characters: `visible` drops them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

FIRST, LAST = 0xF0000, 0xFFFFD
PLANTED = re.compile(f"[{chr(FIRST)}-{chr(LAST)}]")
ENCODED = re.compile("%F3%B[0-9A-F]%[89AB][0-9A-F]%[89AB][0-9A-F]")  # one that got into an address
_WORD = re.compile(r"[^\W_]")
# Class of the contract: class of the design, the sentence that describes it, and where that stands on the page.
LOOKS = {
    "found": ("figure", "From your data", "figure-v"),
    "calculated": ("figure figure--calculated", "Calculated from your data", "figure-d"),
    "not_found": ("figure figure--unverified", "Not found in your data", "figure-u"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """`text` of the figure, and the place in it of the character that was replaced."""

    text: str
    place: int
    opening: str

    @property
    def char(self) -> str:
        return self.text[self.place]


Marks = Mapping[str, Mark]


def planted(
    text: str, evidence: Iterable[Mapping[str, Any]], path: str, visible: Callable[[str], str]
) -> tuple[str, dict[str, Mark]]:
    """The visible text with a character of each figure replaced, and what each of those stands for."""
    marks: dict[str, Mark] = {}
    pieces: list[str] = []
    position = 0
    for one in sorted(evidence, key=lambda one: int(one["start"])):
        start, end = int(one["start"]), int(one["end"])
        found = _WORD.search(text, max(start, position), end)
        if found is None or FIRST + len(marks) > LAST or text[max(0, start - 3) : start].endswith(("&#", "&#x", "&#X")):
            continue
        key = chr(FIRST + len(marks))
        before = visible(text[start : found.start()])
        marks[key] = Mark(before + visible(text[found.start() : end]), len(before), _opening(one, path))
        pieces += [visible(text[position : found.start()]), key]
        position = found.end()
    return "".join([*pieces, visible(text[position:])]), marks


def _opening(one: Mapping[str, Any], path: str) -> str:
    css, title, described = LOOKS[one["class"]]
    address = escape(f"{path}{one['id']}/")
    return f'<a class="{css}" href="{address}" title="{title}" aria-describedby="{described}">'


def marked(content: str, marks: dict[str, Mark]) -> str:
    """HTML of a piece of running text, each figure in it a link. A mark is used once."""
    done, pieces = 0, []
    for found in PLANTED.finditer(content):
        mark = marks.pop(found.group(), None)
        if mark is None:
            continue
        low, high = _extent(content, found.start(), mark, done)
        pieces += [
            escape(content[done:low]),
            mark.opening,
            escape(content[low : found.start()] + mark.char + content[found.end() : high]),
            "</a>",
        ]
        done = high
    return "".join([*pieces, escape(content[done:])])


def _extent(content: str, at: int, mark: Mark, floor: int) -> tuple[int, int]:
    """As much of the figure as stands there in one piece and on one line."""
    low, place = at, mark.place
    while low > floor and place and content[low - 1] == mark.text[place - 1] != "\n":
        low, place = low - 1, place - 1
    high, place = at + 1, mark.place + 1
    while high < len(content) and place < len(mark.text) and content[high] == mark.text[place] != "\n":
        high, place = high + 1, place + 1
    return low, high


def restored(text: str, marks: Marks) -> str:
    """The text as it was, for code and whatever else is not marked."""
    return PLANTED.sub(lambda found: marks[found.group()].char if found.group() in marks else "", text)


def restored_address(address: str, marks: Marks) -> str:
    def char(found: re.Match[str]) -> str:
        key = bytes.fromhex(found.group().replace("%", "")).decode("utf-8", "replace")
        return marks[key].char if key in marks else ""

    return restored(ENCODED.sub(char, address), marks)
