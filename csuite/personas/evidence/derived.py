"""Quantities that companies name and that follow from two metrics month by month. One record each."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from csuite.personas.evidence.quantities import Quantity
from csuite.personas.evidence.records import Kind

Formula = Callable[[Decimal, Decimal], Decimal | None]


@dataclass(frozen=True, slots=True)
class Derived:
    """`of`: patterns of the metrics it is made from, found in key, name and synonyms. One pattern: the second is 1."""

    key: str
    names: tuple[str, ...]
    unit: Kind
    of: tuple[str, ...]
    formula: Formula
    told: str
    aggregation: str = "last"


def _ratio(first: Decimal, second: Decimal) -> Decimal | None:
    return first / second if second else None


DERIVED = (
    Derived(
        "gross_profit",
        ("gross profit", "Rohertrag", "Bruttogewinn", "beneficio bruto"),
        "currency",
        (r"\b(?:revenue|umsatz|ventas|sales)\b", r"gross.margin|bruttomarge|margen bruto"),
        lambda revenue, margin: revenue * margin / 100,
        "{0} × {1}",
        "sum",
    ),
    Derived(
        "ebit",
        ("EBIT", "operating profit", "Betriebsergebnis"),
        "currency",
        (r"\b(?:revenue|umsatz|ventas|sales)\b", r"ebit.marg|operating.margin"),
        lambda revenue, margin: revenue * margin / 100,
        "{0} × {1}",
        "sum",
    ),
    Derived(
        "arr",
        ("ARR", "annual recurring revenue", "annualised recurring revenue", "annualized recurring revenue"),
        "currency",
        (r"\bmrr\b|monthly recurring",),
        lambda monthly, _: monthly * 12,
        "{0} × 12",
    ),
    Derived(
        "downtime",
        ("downtime", "Ausfallzeit", "outage", "unavailability"),
        "percent",
        (r"availability|uptime",),
        lambda up, _: 100 - up,
        "100% − {0}",
    ),
    Derived(
        "book_to_bill",
        ("book-to-bill", "book to bill", "Verhältnis von Auftragseingang zu Umsatz"),
        "count",
        (r"order.?intake|auftragseingang|pedidos|bookings", r"\b(?:revenue|umsatz|ventas|sales)\b"),
        _ratio,
        "{0} ÷ {1}",
    ),
    Derived(
        "arpu",
        ("average revenue per customer", "revenue per customer", "ARPU", "ARPA", "average revenue per account"),
        "currency",
        (r"\bmrr\b|monthly recurring", r"\bcustomers\b"),
        _ratio,
        "{0} ÷ {1}",
    ),
    Derived(
        "payback",
        ("payback", "CAC payback", "earned back", "pays back"),
        "months",
        (r"acquisition cost|\bcac\b", r"revenue per customer"),
        _ratio,
        "{0} ÷ {1}",
    ),
    Derived(
        "runway",
        ("runway", "money lasts", "cash lasts"),
        "months",
        (r"\bcash\b|liquidity|liquidität|caja", r"\bburn\b"),
        _ratio,
        "{0} ÷ {1}",
    ),
)


def derived(quantities: Sequence[Quantity], called: Mapping[str, Sequence[str]]) -> Iterator[tuple[Derived, Quantity]]:
    """Those that the metrics at hand allow. `called`: key, name and synonyms of each metric."""
    plain = [quantity for quantity in quantities if not quantity.entity]
    names = dict(called)
    for record in DERIVED:
        parts = [_found(pattern, plain, names) for pattern in record.of]
        if all(parts):
            made = _made(record, [part for part in parts if part])
            if made.values:
                plain.append(made)
                names[record.key] = record.names
                yield record, made


def _found(pattern: str, quantities: Sequence[Quantity], called: Mapping[str, Sequence[str]]) -> Quantity | None:
    named = re.compile(pattern, re.IGNORECASE)
    fitting = ((len(name), one.metric, one) for one in quantities for name in called[one.metric] if named.search(name))
    return min(fitting, key=lambda found: found[:2], default=(0, "", None))[2]


def _made(record: Derived, parts: Sequence[Quantity]) -> Quantity:
    first, second = parts[0], parts[-1]
    values = {
        period: made
        for period, value in first.values.items()
        if (other := second.at(period)) is not None and (made := record.formula(value, other)) is not None
    }
    return Quantity(
        id=f"derived:{record.key}",
        metric=record.key,
        name=record.names[0],
        unit=record.unit,
        values=values,
        aggregation=record.aggregation,
        currency=first.currency,
        formula=record.told.format(first.name, second.name),
        parts=tuple(dict.fromkeys(part.id for part in parts)),
    )
