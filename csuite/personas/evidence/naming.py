"""Finds the metrics, goals, deals, lines and causes that a text names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

# `Umsatzplus` names the Umsatz
_COMPOUND = re.compile(
    r"s?(?:plus|minus|ziel|wachstum|rückgang|anstieg|entwicklung|prognose|zuwachs"
    r"|verlust|niveau)$"
)
_WORD = re.compile(r"[^\W_]+")
Target = tuple[str, str]  # ("metric", key) or ("entity", id)


@dataclass(frozen=True, slots=True)
class Mention:
    """Of one or more targets of a kind that share the name."""

    start: int
    end: int
    kind: str
    ids: frozenset[str]
    words: int = 1
    weak: bool = False


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Enough that singular and plural meet."""
    low = word.casefold()
    if len(low) > 4 and low.endswith("ies"):
        return low[:-3] + "y"
    if len(low) > 6 and low.endswith("en"):
        return low[:-1]
    for ending in ("ing", "ed"):
        if len(low) > len(ending) + 3 and low.endswith(ending):
            return low[: -len(ending)]
    if len(low) > 3 and low.endswith("s") and not low.endswith("ss"):
        return low[:-1]
    return low


def words(text: str) -> list[str]:
    return [stem(found.group()) for found in _WORD.finditer(text)]


@dataclass(slots=True)
class Names:
    """Names by their first word, so that a text is read once however many there are."""

    by_first: dict[str, dict[tuple[str, ...], set[Target]]] = field(default_factory=dict)
    weak: bool = False

    def add(self, name: str, target: Target) -> None:
        parts = tuple(words(name))
        if parts:
            self.by_first.setdefault(parts[0], {}).setdefault(parts, set()).add(target)

    def find(self, text: str) -> list[Mention]:
        """The longest name at each place, from left to right."""
        tokens = [(stem(found.group()), found.start(), found.end()) for found in _WORD.finditer(text)]
        found: list[Mention] = []
        place = 0
        while place < len(tokens):
            best = self._longest(tokens, place)
            if best is None:
                place += 1
                continue
            length, targets = best
            start, end = tokens[place][1], tokens[place + length - 1][2]
            for kind in ("metric", "entity"):
                ids = frozenset(key for of, key in targets if of == kind)
                if ids:
                    found.append(Mention(start, end, kind, ids, length, self.weak))
            place += length
        return found

    def _longest(self, tokens: list[tuple[str, int, int]], place: int) -> tuple[int, set[Target]] | None:
        best: tuple[int, set[Target]] | None = None
        word = tokens[place][0]
        known = self.by_first.get(word) or self.by_first.get(_COMPOUND.sub("", word), {})
        for parts, targets in known.items():
            if best and len(parts) <= best[0]:
                continue
            if all(place + step < len(tokens) and tokens[place + step][0] == part for step, part in enumerate(parts)):
                best = len(parts), targets
        return best


_GENERIC = frozenset(words("time rate cost share value number total average ratio index score quote"))
_JOINTS = frozenset(
    ["of", "on", "to", "per", "for", "in", "by", "from", "de", "del", "a", "von", "der", "des", "je", "für"]
)


def called(name: str, synonyms: Iterable[str]) -> Iterator[str]:
    """What a metric is called: its name, its synonyms, its initials, the name up to a preposition."""
    yield name
    yield from synonyms
    parts = name.split()
    if len(parts) > 2:
        yield " ".join(parts[:-1])
        yield "".join(part[0] for part in parts if part.lower() not in _JOINTS).upper()
    for place, part in enumerate(parts[1:], 1):
        if part.lower() in _JOINTS:
            yield " ".join(parts[:place])
            break


def unique_heads(names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(last word, key) where only one of the names ends with it: `sessions` for `Website sessions`."""
    heads: dict[str, set[str]] = {}
    for key, name in names.items():
        parts = words(name)
        if len(parts) > 1 and len(parts[-1]) > 3 and parts[-1] not in _GENERIC:
            heads.setdefault(parts[-1], set()).add(key)
    return ((head, next(iter(keys))) for head, keys in heads.items() if len(keys) == 1)


_GENERIC_FIRST = frozenset(
    words("gross net new first change customer monthly total average order air support website annual")
)


def unique_firsts(names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(first word, key) where only one of the names begins with it: `overdue` for `Overdue receivables`."""
    firsts: dict[str, set[str]] = {}
    for key, name in names.items():
        parts = words(name)
        if len(parts) > 1 and len(parts[0]) > 3 and parts[0] not in _GENERIC_FIRST:
            firsts.setdefault(parts[0], set()).add(key)
    return ((first, next(iter(keys))) for first, keys in firsts.items() if len(keys) == 1)
