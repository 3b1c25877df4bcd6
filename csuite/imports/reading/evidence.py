"""How a column writes its numbers and dates: decided by all of its values, or left to a person to say."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(slots=True)
class Evidence(Generic[T]):
    """Which ways of reading fit the values seen so far. `against`: the first (row, text) that each way cannot read."""

    ways: Sequence[T]
    read: int = 0  # values that at least one way can read
    matters: bool = False  # whether two ways that can read a value make different things of it
    against: dict[T, tuple[int, str]] = field(default_factory=dict)

    def add(self, row: int, text: str, readings: Mapping[T, object]) -> None:
        if not readings:
            return
        self.read += 1
        if len(readings) < len(self.ways):
            for way in self.ways:
                if way not in readings:
                    self.against.setdefault(way, (row, text))
        if not self.matters:
            values = list(readings.values())
            self.matters = any(value != values[0] for value in values)

    @property
    def candidates(self) -> list[T]:
        """The ways that read every value."""
        return [way for way in self.ways if way not in self.against] if self.read else []

    @property
    def decided(self) -> T | None:
        """The one way, or any of several that make the same of every value. None: somebody must say."""
        found = self.candidates
        return found[0] if len(found) == 1 or (found and not self.matters) else None
