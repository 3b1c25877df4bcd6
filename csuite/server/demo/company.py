"""What a demo company is made of: records that the loader turns into rows."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from csuite.server.demo.calendar import Calendar
from csuite.tenants.models import Role

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Person:
    email: str
    name: str
    title: str
    role: Role


@dataclass(frozen=True, slots=True)
class DemoMetric:
    """`weight`: key of the metric it is weighted by. `owner`: e-mail of a person."""

    key: str
    name: str
    unit: str
    aggregation: str
    good: str = "up"
    weight: str = ""
    places: int | None = None
    owner: str = ""
    is_key: bool = False
    synonyms: tuple[str, ...] = ()


Rows = Callable[[Calendar], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """`goals`, `causes` and `insights` give the fields of their models; `metric` and `about` hold metric keys.

    `forecast`: metric key -> values of the months ahead.
    """

    name: str
    slug: str
    currency: str
    people: tuple[Person, ...]
    profile: Callable[[Calendar], dict[str, Any]]
    metrics: tuple[DemoMetric, ...]
    tables: tuple[str, ...]
    goals: Rows
    causes: Rows
    insights: Rows
    forecast: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)


def figures(table: str) -> list[tuple[int, str, str, Decimal]]:
    """(months back, metric key, product line or empty, value) of every cell of a table in this folder."""
    with (FOLDER / table).open(encoding="utf-8", newline="") as file:
        return [
            (int(row["months_back"]), *_column(name), Decimal(cell))
            for row in csv.DictReader(file)
            for name, cell in row.items()
            if name != "months_back"
        ]


def _column(name: str) -> tuple[str, str]:
    key, _, line = name.partition(":")
    return key, line
