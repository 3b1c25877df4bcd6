"""The table of what models hold, against the table inside genai-prices wherever that knows a window."""

from collections.abc import Iterator

import pytest
from genai_prices import data_snapshot

from csuite.llm.capabilities import KNOWN, known
from csuite.llm.providers import ROWS

OURS = frozenset(row.name for row in ROWS)
# Of a window: that much may be 128 times 1,000 here and 128 times 1,024 there.
ROUNDING = 0.05
# Names that stand for whichever model is newest; what every model of the family holds is ours.
MOVING = "-latest"


def told() -> Iterator[tuple[str, str, int]]:
    """Every model with a window of a provider that we have, by the package."""
    for provider in data_snapshot.get_snapshot().providers:
        if provider.id in OURS:
            for model in provider.models:
                if model.context_window is not None and not model.id.endswith(MOVING):
                    yield provider.id, model.id, model.context_window


@pytest.mark.parametrize("provider", sorted(OURS - {"local", "scripted", "cohere"}))
def test_no_window_differs_from_the_packages(provider: str) -> None:
    compared, wrong = 0, []
    for name, model, theirs in told():
        ours = known(name, model).window
        if name == provider and ours is not None:
            compared += 1
            if abs(ours - theirs) > ROUNDING * theirs:
                wrong.append(f"{model}: {ours:,} here, {theirs:,} there")
    assert not wrong
    assert compared >= 2


def test_the_models_that_are_seeded_and_chosen_by_themselves_are_listed() -> None:
    for row in ROWS:
        if row.model and row.name != "scripted":
            assert known(row.name, row.model).window, row.model


def test_no_answer_is_longer_than_the_window_that_holds_it() -> None:
    for row in KNOWN:
        assert row.can.max_output is None or row.can.max_output <= (row.can.window or 0), row.start


def test_every_row_can_be_reached() -> None:
    """A row that a longer one of the same provider always covers says nothing; neither do two of one beginning."""
    assert len({(row.start, row.provider) for row in KNOWN}) == len(KNOWN)
    for row in KNOWN:
        assert known(row.provider or "anybody", row.start) is row.can, row.start
