"""The labelled answers: how many figures are judged right, and that labels and text belong together."""

import pytest

from tests.personas.labelled import CASES, Case, cases, judged, known, score

SETS = ("tuning", "held_out", "fresh")
EVERY = [case for which in SETS for case in cases(which)]


@pytest.mark.parametrize("which", SETS)
def test_nearly_every_figure_of_the_data_is_marked_and_nearly_no_other(which: str) -> None:
    least = {"tuning": (0.985, 0.94), "held_out": (0.975, 0.91), "fresh": (0.985, 0.92)}[which]
    found = score(judged(cases(which)))
    assert (found.precision, found.recall) >= least
    assert found.recall >= least[1]


def test_the_set_is_large_and_half_of_it_is_wrong() -> None:
    first = [case for case in EVERY if case.name[:2] <= "40"]
    labels = [label for case in first for label in case.labels]
    assert len(first) >= 40
    assert len(labels) >= 300
    assert 0.4 < sum(label.cls == "not_found" for label in labels) / len(labels) < 0.6


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_labels_stand_where_they_say(case: Case) -> None:
    assert known(case.company).quantities
    assert case.labels
    for label in case.labels:
        assert case.text[label.start : label.end] == label.text


def test_every_company_has_answers() -> None:
    assert {path.stem for path in (CASES / "facts").glob("*.toml")} == {case.company for case in EVERY}
