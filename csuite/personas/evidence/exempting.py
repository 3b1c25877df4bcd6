"""Numbers that claim nothing: dates, references, versions, times of day, spans of a plan. One record each."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from csuite.personas.evidence import lexicon
from csuite.personas.evidence.query import Line
from csuite.personas.evidence.records import Figure

_MONTHS = "|".join(sorted(lexicon.MONTHS, key=len, reverse=True))
_DAY_AFTER = re.compile(rf"(?:\.|st|nd|rd|th)?[   ](?:of |de )?(?:{_MONTHS})\b", re.IGNORECASE)
_DAY_BEFORE = re.compile(rf"(?:^|[\s(])(?:{_MONTHS})\.?[   ]$", re.IGNORECASE)
_CLOCK = re.compile(r":[0-5]\d\b|[   ]?(?:[ap]\.?m\.|[ap]m\b|Uhr\b|o'clock)", re.IGNORECASE)
_REFERENCE = re.compile(
    r"(?:\b(?:q|step|day|release|version|v|firmware|row|page|section|chapter|phase|tier|level|option|item"
    r"|point|slide|figure"
    r"|table|appendix|rule|article|paragraph|no\.?|nr\.?|number|week|kw|sprint|ticket|invoice|order no\.?"
    r"|series|room|window"
    r"|schritt|tag|seite|zeile|woche|punkt|abschnitt|kapitel|stufe|paso|día|página|fila|semana|fase|nivel"
    r"|opción|priority|ISO"
    r"|IFRS|SOC|GPT|Form|IAS|EN|DIN|P|H)|#|§)[   -]?$",
    re.IGNORECASE,
)
_SPAN = re.compile(
    r"(?:\s?(?:-|–|to|bis|a|or)\s?\d{1,3})?[   -]?(?:(?:working|business|more|full|kurze"
    r"|weitere) )?(?:minutes?|seconds?|weeks?|quarters?|Wochen?|Minuten?|Quartalen?|Quartale|semanas?"
    r"|minutos?|trimestres?|sprints?"
    r"|(?:percentage )?times a |(?:calendar )?days? (?:before|after|notice))\b",
    re.IGNORECASE,
)
Exempt = Callable[[Figure, Line], bool]


@dataclass(frozen=True, slots=True)
class Exemption:
    """`always`: whatever the facts say; else only for a figure that was not found in them."""

    name: str
    holds: Exempt
    always: bool = True


def _lead(figure: Figure, line: Line, count: int = 24) -> str:
    return line.text[max(0, figure.start - count) : figure.start]


def _of_period(figure: Figure, line: Line) -> bool:
    """The 2026 of `March 2026`, the three of `the last three months`."""
    return any(named.start <= figure.start and figure.end <= named.end for named in line.named)


def _is_day(figure: Figure, line: Line) -> bool:
    if figure.kind != "bare" or figure.readings[0].value > 31:
        return False
    return bool(_DAY_AFTER.match(line.text, figure.end) or _DAY_BEFORE.search(_lead(figure, line)))


def _is_time(figure: Figure, line: Line) -> bool:
    lead = line.text[max(0, figure.start - 3) : figure.start]
    return bool(_CLOCK.match(line.text, figure.end)) or bool(re.search(r"\d:$", lead))


def _is_reference(figure: Figure, line: Line) -> bool:
    lead = _lead(figure, line)
    return figure.kind in ("bare", "points") and bool(_REFERENCE.search(lead)) and not figure.sign


def _is_code(figure: Figure, line: Line) -> bool:
    """`NW-20418`, `GPT-4`, `A4`, `24/7`, `3.2.1`."""
    lead, trail = line.text[: figure.start][-2:], line.text[figure.end : figure.end + 2]
    joined = bool(re.search(r"[^\W\d][-_/]?$", lead)) and not lead.endswith(("€", "$", "£"))
    sliced = bool(re.match(r"[/.]\d|_\w|\w", trail)) or bool(re.search(r"\d[/.]$", lead))
    return figure.kind == "bare" and not figure.spelled and (joined or sliced)


def _is_phone(figure: Figure, line: Line) -> bool:
    around = line.text[max(0, figure.start - 18) : figure.end + 18]
    found = re.search(r"(?:\+|\b00|tel\.?:? ?|\(0)\d[\d ()/-]{6,}\d", around, re.IGNORECASE)
    return figure.kind == "bare" and found is not None


def _is_span(figure: Figure, line: Line) -> bool:
    return bool(_SPAN.match(line.text, figure.end)) and figure.kind in ("bare", "days")


def _is_plan(figure: Figure, line: Line) -> bool:
    """Days, hours, months and years of which no metric speaks: time, not a figure of the company."""
    return figure.kind in ("days", "hours", "months") and figure.readings[0].step >= 1


def _is_small_word(figure: Figure, line: Line) -> bool:
    """Numbers in letters are mostly prose: `the two of them`, `half the battle`."""
    return figure.spelled and figure.kind in ("bare", "percent", "multiple")


def _is_small(figure: Figure, line: Line) -> bool:
    """A small whole number beside no metric."""
    return figure.kind == "bare" and not figure.sign and figure.readings[0].value <= 12 and figure.readings[0].step >= 1


EXEMPTIONS = (
    Exemption("period", _of_period),
    Exemption("day", _is_day),
    Exemption("time", _is_time),
    Exemption("reference", _is_reference),
    Exemption("code", _is_code),
    Exemption("phone", _is_phone),
    Exemption("span", _is_span),
    Exemption("plan", _is_plan, always=False),
    Exemption("small_word", _is_small_word, always=False),
    Exemption("small", _is_small, always=False),
)


def exempt(figure: Figure, line: Line, always: bool, without: frozenset[str] = frozenset()) -> bool:
    return any(
        one.holds(figure, line) for one in EXEMPTIONS if one.always is always and f"exempt:{one.name}" not in without
    )
