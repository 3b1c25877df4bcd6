"""A JSON Schema as providers enforce it."""

from typing import Any

import pytest
from pydantic import BaseModel, Field

from csuite.llm.dialects.strict_schema import strict


class Line(BaseModel):
    amount: float = Field(ge=0, description="In dollars")
    note: str | None = Field(default=None, max_length=40)


class Invoice(BaseModel):
    """An invoice."""

    lines: list[Line] = Field(min_length=1)
    first: Line
    kind: str = Field(default="sale", pattern="^[a-z]+$")


def test_objects_are_closed_every_property_is_required_and_bounds_are_left_to_us() -> None:
    made = strict(Invoice.model_json_schema())
    assert made is not None
    assert (made["required"], made["additionalProperties"]) == (["lines", "first", "kind"], False)
    assert made["properties"]["kind"] == {"title": "Kind", "type": "string"}
    assert made["properties"]["first"] == {"$ref": "#/$defs/Line"}
    line = made["$defs"]["Line"]
    assert (line["required"], line["additionalProperties"]) == (["amount", "note"], False)
    assert line["properties"]["amount"] == {"description": "In dollars", "title": "Amount", "type": "number"}
    assert line["properties"]["note"]["anyOf"] == [{"type": "string"}, {"type": "null"}]


def test_what_is_made_needs_nothing_more() -> None:
    made = strict(Invoice.model_json_schema())
    assert made is not None
    assert strict(made) == made


def test_one_of_all_is_that_one() -> None:
    schema = {"type": "object", "properties": {"a": {"allOf": [{"type": "string"}], "description": "x"}}}
    made = strict(schema)
    assert made is not None
    assert made["properties"]["a"] == {"type": "string", "description": "x"}


def test_known_formats_are_kept_and_others_are_not() -> None:
    one, other = {"type": "string", "format": "date"}, {"type": "string", "format": "isbn"}
    made = strict({"type": "object", "properties": {"a": one, "b": other}})
    assert made is not None
    assert made["properties"] == {"a": one, "b": {"type": "string"}}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "string"}},
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "integer"}, "properties": {}},
        {"type": "object", "properties": {"a": {}}},
        {"type": "object", "properties": {"a": True}},
        {"type": "object", "properties": {"a": {"type": "array"}}},
        {"type": "object", "properties": {"a": {"type": "object"}}},
        {"type": "object", "properties": {"a": {"$ref": "https://elsewhere.example/a"}}},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/Gone"}}},
        {
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/Tree"}},
            "$defs": {
                "Tree": {"type": "object", "properties": {"of": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}
            },
        },
    ],
)
def test_what_cannot_be_enforced_is_not(schema: dict[str, Any]) -> None:
    assert strict(schema) is None
