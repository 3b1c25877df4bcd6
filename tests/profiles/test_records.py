"""Facts survive the way through JSON exactly."""

import json

import pytest

from csuite.profiles.records import Elsewhere, facts_from_json, to_json
from tests.profiles.northwind import facts


def test_facts_come_back_from_json_as_they_were() -> None:
    before = facts()
    assert facts_from_json(json.loads(json.dumps(to_json(before)))) == before


def test_what_others_see_comes_back_too() -> None:
    hidden = (Elsewhere("dso", "Days sales outstanding", "CFO", ("dso",)),)
    data = to_json(facts()) | {"elsewhere": to_json(hidden)}
    assert facts_from_json(data).elsewhere == hidden


def test_no_figure_becomes_a_float() -> None:
    def floats(data: object) -> list[object]:
        if isinstance(data, dict):
            return [found for value in data.values() for found in floats(value)]
        if isinstance(data, list):
            return [found for value in data for found in floats(value)]
        return [data] if isinstance(data, float) else []

    assert floats(to_json(facts())) == []


def test_other_data_is_refused() -> None:
    with pytest.raises(KeyError):
        facts_from_json({})
    with pytest.raises(TypeError):
        facts_from_json({"today": "2026-11-20", "company": {"name": "x", "surprise": 1}})


def test_the_newest_month_is_that_of_any_metric() -> None:
    assert str(facts().newest) == "2026-10-01"
    assert facts().metric("nothing") is None
