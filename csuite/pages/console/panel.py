"""What the admin's start page is made of."""

from dataclasses import dataclass, field

GOOD, WARN, BAD = "good", "warn", "bad"


@dataclass(frozen=True, slots=True)
class Line:
    """One fact. `tone` says how it is meant, beside the words; `url` leads to where it can be changed."""

    label: str
    value: str
    tone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines below a title. `empty` is said when there are none; `url` and `more` lead on."""

    title: str
    lines: list[Line] = field(default_factory=list)
    empty: str = ""
    url: str = ""
    more: str = ""
