"""Two texts side by side, line by line and word by word. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\s+|[^\s\w]|\w+")
Piece = tuple[bool, str]  # whether it differs, and the text


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the comparison. A side that has no such line is None; `number` counts from 1."""

    kind: str  # same, changed, removed, added
    left_number: int | None
    left: tuple[Piece, ...] | None
    right_number: int | None
    right: tuple[Piece, ...] | None


def side_by_side(left: str, right: str) -> list[Line]:
    """Every line of both texts, in their order; lines that were changed stand beside each other."""
    old, new = left.splitlines(), right.splitlines()
    rows: list[Line] = []
    for kind, i, i2, j, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            rows += [
                Line("same", i + n + 1, ((False, text),), j + n + 1, ((False, text),))
                for n, text in enumerate(old[i:i2])
            ]
        else:
            rows += _changed(old[i:i2], i, new[j:j2], j)
    return rows


def _changed(old: Sequence[str], i: int, new: Sequence[str], j: int) -> Iterator[Line]:
    for n in range(max(len(old), len(new))):
        before = old[n] if n < len(old) else None
        after = new[n] if n < len(new) else None
        if before is not None and after is not None:
            left, right = _words(before, after)
            yield Line("changed", i + n + 1, left, j + n + 1, right)
        elif before is not None:
            yield Line("removed", i + n + 1, ((True, before),), None, None)
        elif after is not None:
            yield Line("added", None, None, j + n + 1, ((True, after),))


def _words(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, i, i2, j, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        differs = kind != "equal"
        if i2 > i:
            left.append((differs, "".join(old[i:i2])))
        if j2 > j:
            right.append((differs, "".join(new[j:j2])))
    return tuple(left), tuple(right)
