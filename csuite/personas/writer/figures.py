"""Whether a letter says only figures that it was given.

It reads numbers as the check of answers does (csuite.personas.evidence), so 214,300 and 214.300,00 and 214.3k are the
same. It is stricter than that check, which asks whether a claim about the company holds: a letter that goes out must
also have the right day, invoice number and count of days, and a rounded figure is another one. One digit alone is no
claim ("in 2 weeks"), months may be words, and a year's two last digits are that year.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from csuite.personas.evidence.records import Figure
from csuite.personas.evidence.scanning import scan

CLAIM = 10  # smaller whole numbers are none
_DAY = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4}|\d{2})\b")


def not_given(text: str, *given: str) -> list[str]:
    """The figures of the text that stand in none of the given texts, as they are written, each once."""
    known = {value for one in given for figure in _figures(one) for value in _values(figure)}
    known |= {value % 100 for value in known if 2000 <= value < 2100}
    strange = [figure for figure in _figures(text) if _claims(figure) and known.isdisjoint(_values(figure))]
    return list(dict.fromkeys(figure.text.strip(" -−+") for figure in strange))


def _figures(text: str) -> list[Figure]:
    """With day, month and year each for itself."""
    return scan(_DAY.sub(r"\1 \2 \3", text))


def _values(figure: Figure) -> Iterator[Decimal]:
    """Every way to read it. The minus of a range or of a date, as in 2026-10-13, is none."""
    return (abs(reading.value) for reading in figure.readings)


def _claims(figure: Figure) -> bool:
    return any(value >= CLAIM or value % 1 for value in _values(figure))
