"""Whether a letter says only figures that it was given.

A figure is a run of digits; separators are left out, so that 214,300 and 214.300,00 are the same. One digit alone
is no claim ("in 2 weeks"), months may be words, and a year's two last digits are that year.
"""

import re

_FIGURE = re.compile(r"\d(?:[\d.,'’\u00a0\u202f]*\d)?")
_CENTS = re.compile(r"[.,](\d{2})$")


def figures(text: str) -> dict[str, str]:
    """Of each figure its bare digits, and how it is written."""
    return {bare(found[0]): found[0] for found in _FIGURE.finditer(text)}


def bare(figure: str) -> str:
    """Digits alone; cents that are zero are left out, and so are zeros before."""
    cents = _CENTS.search(figure)
    if cents and cents[1] == "00":
        figure = figure[: cents.start()]
    return re.sub(r"\D", "", figure).lstrip("0")


def not_given(text: str, *given: str) -> list[str]:
    """The figures of the text that stand in none of the given texts, as they are written, each once."""
    known = {digits for one in given for digits in _known(one)}
    return [written for digits, written in figures(text).items() if len(digits) > 1 and digits not in known]


def _known(text: str) -> set[str]:
    """Also the parts of a date or a number with a dash, which each may be said alone."""
    found = set(figures(text))
    found |= {bare(part) for one in _FIGURE.findall(text) for part in re.split(r"[.,'’\u00a0\u202f]", one)}
    return found | {digits[2:] for digits in found if len(digits) == 4 and digits.startswith("20")}
