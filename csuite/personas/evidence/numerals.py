"""Numbers as people of different countries write them, with the precision they claim."""

import re
from decimal import Decimal

from csuite.personas.evidence.records import Reading

# Digits with separators; a group is three digits. Signs, symbols and scales stand outside.
NUMBER = re.compile(
    r"(?<![\w])(?<!\d[.,:/])"
    r"(?:\d{1,3}(?:[,.'’  ]\d{3})+(?!\d)(?:[.,]\d{1,6}(?![\d]))?|\d{1,15}(?:[.,]\d{1,6}(?!\d))?)"
)
ONE = Decimal(1)


def readings(text: str) -> tuple[Reading, ...]:
    """The values that the digits may mean, the likelier first: `1,234` is one thousand or one and a bit."""
    bare = re.sub(r"[ '’  ]", "", text)
    marks = [c for c in bare if c in ".,"]
    if not marks:
        return (_whole(bare),)
    last = marks[-1]
    head, tail = bare.rsplit(last, 1)
    if len(set(marks)) == 2:
        return (_decimal(re.sub(r"[.,]", "", head), tail),)
    if len(marks) > 1:
        return (_whole(re.sub(r"[.,]", "", bare)),)
    if len(tail) == 3 and len(head) <= 3 and head.lstrip("0"):
        return (_whole(head + tail), _decimal(head, tail))
    return (_decimal(head, tail),)


def _decimal(head: str, tail: str) -> Reading:
    return Reading(Decimal(f"{head or '0'}.{tail}"), ONE.scaleb(-len(tail)))


def _whole(digits: str) -> Reading:
    """Zeros at the end of a large number may be rounding, at most by one in a hundred."""
    value = Decimal(digits)
    zeros = len(digits) - len(digits.rstrip("0"))
    if value < 1000 or not zeros:
        return Reading(value, ONE)
    return Reading(value, max(ONE, min(ONE.scaleb(zeros), value / 100)))
