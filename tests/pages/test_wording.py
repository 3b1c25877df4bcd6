"""Templates and browser say the same about an answer, word by word."""

import pytest

from csuite.pages.templatetags.page import cost, duration, tokens
from csuite.pages.templatetags.thread import neighbours, note_of


def used(**usage: object) -> dict[str, object]:
    return {"prompt": 3000, "completion": 214, "cost": "0.0182", "currency": "USD", "estimated": False, **usage}


def test_tokens_and_cost_are_written_out() -> None:
    assert (tokens(used()), cost(used())) == ("3,214 tokens", "$0.0182")


def test_an_estimate_says_so() -> None:
    assert tokens(used(estimated=True)) == "about 3,214 tokens"


def test_an_unknown_cost_is_not_zero() -> None:
    assert cost(used(cost=None)) == "cost unknown"


def test_nothing_used_says_nothing() -> None:
    nothing = used(prompt=None, completion=None, cost=None)
    assert (tokens(nothing), cost(nothing)) == ("", "")


def test_a_currency_without_a_sign_keeps_its_code() -> None:
    assert cost(used(currency="CHF")) == "CHF 0.0182"


@pytest.mark.parametrize(("seconds", "words"), [(6.2, "6.2 s"), (0.04, "0.04 s"), (None, "")])
def test_durations_are_short(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("status", "note", "head", "rest", "kind"),
    [
        ("stopped", None, "Stopped.", "What was written is kept.", ""),
        ("interrupted", "The server restarted.", "Interrupted.", "The server restarted.", "bad"),
        ("failed", "No provider answered. Try again.", "No provider answered.", "Try again.", "bad"),
        ("failed", "", "No answer came.", "Your question is saved.", "bad"),
        ("complete", "No model was used. By rule.", "No model was used.", "By rule.", ""),
    ],
)
def test_a_note_says_what_happened_and_what_was_kept(
    status: str, note: str | None, head: str, rest: str, kind: str
) -> None:
    found = note_of(status, note, "groq")
    assert found is not None
    assert (found.head, found.rest, found.kind) == (head, rest, kind)


def test_a_budget_that_does_not_pay_is_a_limit_and_no_fault() -> None:
    found = note_of("failed", "The company budget is used up. Your question is kept.", "", "budget_exceeded")
    assert found is not None
    assert (found.head, found.rest) == ("The company budget is used up.", "Your question is kept.")
    assert (found.kind, found.icon) == ("warn", "clock")


@pytest.mark.parametrize("status", ["complete", "streaming", "queued"])
def test_an_answer_without_a_note_has_none(status: str) -> None:
    assert note_of(status, "", "groq") is None


def test_the_analyst_is_marked_as_such() -> None:
    found = note_of("complete", "No language model was used.", "analyst")
    assert found is not None
    assert found.icon == "calc"


def test_versions_lead_to_their_neighbours() -> None:
    step = neighbours(["a", "b", "c"], 1)
    assert (step.older, step.newer, step.place, step.count) == ("a", "c", 2, 3)
    assert neighbours(None, None).count == 1
