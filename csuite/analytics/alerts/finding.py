"""What a rule finds, and what a rule is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong now. scope and threshold name it: found again, it is the same alert."""

    rule: str
    scope: str
    threshold: str
    title: str
    text: str
    serious: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)


class Rule(Protocol):
    """One file in rules/. `find` runs in a tenant's scope with its rollups filled, and reads only.

    quiet: seconds after the last finding until the alert counts as over.
    """

    name: str
    quiet: int

    def find(self, now: datetime) -> list[Finding]: ...
