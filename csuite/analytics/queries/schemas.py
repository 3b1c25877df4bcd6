"""The shape of each answer for OpenAPI, made from the query: what is computed and what is promised cannot drift."""

from typing import Any

from ninja import Schema
from pydantic import Field, create_model

from csuite.analytics.queries.columns import TYPES
from csuite.analytics.queries.report import Query

_IDS = {"user": "A person's id; null is csuite itself.", "deal": "The deal's id.", "tenant": "The company's id."}


class Period(Schema):
    """Half-open, UTC."""

    since: str = Field(serialization_alias="from", validation_alias="from")
    until: str = Field(serialization_alias="to", validation_alias="to")
    granularity: str | None = Field(description="Null: one row for the whole time.")


class OtherCost(Schema):
    currency: str
    cost: str


def report_of(query: Query) -> type[Schema]:
    """{"period", "currency", "rows", "totals", "unpriced_calls", "next"} with the row of this query."""
    title = query.name.title().replace("-", "")
    figures: dict[str, Any] = {
        column.name: (TYPES[column.kind], Field(description=column.about)) for column in query.columns
    }
    keys: dict[str, Any] = {
        key: (str | None, Field(None, description=_IDS.get(key, "Null where it is not said.")))
        for group in query.groups.values()
        for key in group.keys
    }
    row = create_model(
        f"{title}Row",
        __base__=Schema,
        period=(str | None, Field(None, description="Its first moment, if there is a granularity.")),
        **keys,
        currency=(str, ...),
        **figures,
    )
    extra: dict[str, Any] = {"attempts": (int, Field(description="All attempts."))} if query.attempts else {}
    others: Any = (list[OtherCost], Field(description="Cost in currencies without a rate to the main one."))
    totals = create_model(f"{title}Totals", __base__=Schema, **figures, **extra, other_costs=others)
    rows: Any = list[row]  # type: ignore[valid-type]
    report: type[Schema] = create_model(
        f"{title}Report",
        __base__=Schema,
        period=(Period, ...),
        currency=(str, Field(description="Of all money that does not say otherwise.")),
        rows=(rows, ...),
        totals=(totals, ...),
        unpriced_calls=(int, Field(description="In no cost, until a price is entered and they are recalculated.")),
        next=(str | None, Field(description="The cursor of the next page.")),
    )
    return report
