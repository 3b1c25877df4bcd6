"""What the page shows of one setting."""

from dataclasses import dataclass
from typing import Any

AT_ONCE, AFTER_RESTART = "at once", "after a restart"


@dataclass(frozen=True, slots=True)
class Explained:
    """One setting. `changed`: who, when and what, as far as it is known. `undo`: names the change that can be taken
    back (undoing.py), "" where there is none.
    """

    name: str
    value: str
    source: str
    changed: str = ""
    at_once: str = AT_ONCE
    url: str = ""
    undo: str = ""


def said(value: Any) -> str:
    """A value in words, "" for none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
