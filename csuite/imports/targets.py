"""What can be imported: records that the packages above register. Everything else here is the same for all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Model

Value = str | Decimal | date | bool | None


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"  # a number whose currency sign must not contradict the company's
    DATE = "date"
    MONTH = "month"  # the first day of the month that a date lies in
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Field:
    """`names`: what headings call it, besides its label. `places`: decimals kept; `longest`: characters."""

    key: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = False
    names: tuple[str, ...] = ()
    longest: int = 200
    places: int = 2
    low: Decimal | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file: its number there, and the value of each field that has one."""

    row: int
    values: Mapping[str, Value]

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def text(self, key: str) -> str:
        value = self.values.get(key)
        return value if type(value) is str else str(value or "")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a row cannot be imported; `column` is a heading of the file, "" if it is about the whole row."""

    row: int
    column: str
    message: str


class Writer(Protocol):
    """Writes what is new or different and remembers what it did; in a rehearsal it only counts (writing.py)."""

    rehearsal: bool

    def put(
        self, model: type[Model], keys: Sequence[str], rows: Sequence[Mapping[str, Any]], *, along: Sequence[str] = ()
    ) -> list[UUID]: ...


@dataclass(frozen=True, slots=True)
class Context:
    """`columns`: of each mapped field, what its column holds (reading/columns.py); `headings`: its heading.
    `user`: who imports; `source`: the name of the file; `today`: in the company's time zone."""

    currency: str
    user: UUID | None
    source: str
    today: date
    headings: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Sink(Protocol):
    """One import on its way into the tables of a target. Kept for the whole file, so it may remember what it read."""

    def take(self, records: Sequence[Record], writer: Writer) -> list[Wrong]:
        """Writes one chunk, and says which rows it could not."""
        ...

    def announce(self, tenant: UUID) -> None:
        """Called when all is committed. After an undo, on a sink that took nothing: anything may have changed."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """`fields` may depend on the headings. `keys`: fields that together name a row, which may come once in a file.
    `page`: name of the address that shows what was imported."""

    key: str
    label: str
    about: str
    fields: Callable[[Sequence[Mapping[str, Any]]], Sequence[Field]]
    keys: tuple[str, ...]
    sink: Callable[[Context], Sink]
    page: str


_TARGETS: dict[str, Target] = {}


def register(target: Target) -> None:
    """Called when the apps are ready; the order is that of the upload form."""
    _TARGETS[target.key] = target


def targets() -> list[Target]:
    return list(_TARGETS.values())


def target_of(key: str) -> Target | None:
    return _TARGETS.get(key)
