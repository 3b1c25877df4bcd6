"""The synthesis as data: what is believed of what a model fills in, and what rules find without one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csuite.conversations.boardroom.by_rules import minutes_by_rules, sentences
from csuite.conversations.boardroom.minutes import Form, Minutes, behind_words, everybody, markdown, read
from csuite.conversations.boardroom.tracing import stands_in, traced, words
from tests.conversations.minutes import DISSENT, SAID, form

NAMES = {key: key.upper() for key in SAID}


def kept(**more: Any) -> Minutes:
    return traced(Form.model_validate_json(form(**more)), SAID, NAMES, "Pass 3% on?")


@pytest.mark.parametrize(
    "quote",
    [
        "Each month of delay costs $21k",
        "“each month of delay COSTS $21k against the two-step plan.”",
        "Pass on 3% in January … against the two-step plan",
        "costs **$21k** against",
    ],
)
def test_a_quotation_stands_in_its_answer_whatever_its_dress(quote: str) -> None:
    assert stands_in(quote, SAID["cfo"])


@pytest.mark.parametrize(
    "quote",
    [
        "Each month of delay costs $12k",  # digits
        "Each quarter of delay costs $21k",  # a word
        "against the two-step plan … Pass on 3% in January",  # the order
        "two steps",  # stands in every answer
        "…",
        "",
    ],
)
def test_other_words_or_figures_do_not(quote: str) -> None:
    assert not stands_in(quote, SAID["cfo"])


def test_escaped_marks_and_links_are_read_as_they_look() -> None:
    assert stands_in("margin &lt; 38% in [October](x)", "Our margin < 38% in October, again.")
    assert words("*Größe* 1.234,5 und 12%") == ("grösse", "1.234,5", "und", "12%")


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ({"quote": "Each month costs us a fortune of money"}, "its words do not stand in that answer"),
        ({"officer": "cmo"}, "its words do not stand in that answer"),
        ({"officer": "coo"}, "somebody who did not answer"),
        ({"view": "would wait, for it costs $63k"}, "$63k does not stand"),
    ],
)
def test_a_dissent_that_cannot_be_traced_is_left_out_and_said(claim: dict[str, str], why: str) -> None:
    found = kept(dissent=[DISSENT, {**DISSENT, **claim}])
    assert [one.officer for one in found.dissent] == ["cfo"]
    assert len(found.warnings) == 1
    assert why in found.warnings[0]
    assert found.warnings[0] in markdown(found)


def test_agreement_names_two_who_were_there() -> None:
    points = [
        {"point": "Both say so.", "officers": ["CEO", "cfo"]},
        {"point": "One says so twice.", "officers": ["ceo", "CEO"]},
        {"point": "A stranger says so.", "officers": ["coo", "cfo"]},
        {"point": "", "officers": ["ceo", "cfo"]},
    ]
    found = kept(agreement=points)
    assert [(one.point, one.officers) for one in found.agreement] == [("Both say so.", ["ceo", "cfo"])]
    assert found.warnings == ["2 points of agreement were left out: fewer than two officers are named."]


def test_figures_that_nobody_said_are_named_for_who_decides() -> None:
    assert "Not in any of the answers: 1.5%. Check" in kept(decision="Pass on 1.5% now.").warnings[0]
    assert kept(decision="Pass on 3% now.").warnings == []


def test_without_a_decision_nobody_is_sure_of_it() -> None:
    found = kept(decision="", missing="A price list.", change_of_mind=[{"officer": "nobody", "what": "x"}])
    assert (found.confidence, found.missing, found.change_of_mind) == (None, "A price list.", [])
    assert "No decision yet. A price list." in markdown(found)
    assert "carry one" in kept(decision="").missing


@pytest.mark.parametrize(("due", "kept_as"), [("2026-12-01", "2026-12-01"), ("soon", None), ("", None), (None, None)])
def test_a_date_that_is_none_is_no_reason_to_ask_again(due: str | None, kept_as: str | None) -> None:
    found = kept(due=due)
    assert (found.due and found.due.isoformat()) == kept_as
    assert ("date to be named" in markdown(found)) == (kept_as is None)


def test_minutes_are_stored_and_read_back_whole() -> None:
    found = kept().model_copy(update={"answers": dict.fromkeys(SAID, "id")})
    assert read(json.loads(json.dumps(found.stored()))) == found
    assert read(None) is None
    assert (everybody(found), behind_words(found)) == ("all four", "three of four stand behind it fully")
    alone = found.model_copy(update={"answers": {"ceo": "id", "cfo": "id"}})
    assert (everybody(alone), behind_words(alone)) == ("both", "one of two stands behind it fully")
    assert behind_words(alone.model_copy(update={"dissent": []})) == "both stand behind it"


def test_rules_quote_and_do_not_judge() -> None:
    found = minutes_by_rules(
        {
            "ceo": "Hold the price.\n\n1. **Move the gate to day 6 now.**\n\n*No language model was used.*",
            "cfo": "| a | b |\n\nThese would help:\n- Move the gate to day 6 now\n- Ask the bank first.",
        },
        NAMES,
    )
    assert [(one.officer, one.quote) for one in found.positions] == [
        ("ceo", "Move the gate to day 6 now."), ("cfo", "Move the gate to day 6 now"),
    ]  # fmt: skip
    assert [(one.point, one.officers) for one in found.agreement] == [("Move the gate to day 6 now.", ["ceo", "cfo"])]
    assert (found.decision, found.confidence, found.dissent, found.by_rules) == ("", None, [], True)
    text = markdown(found)
    assert "“Move the gate to day 6 now.”" in text
    assert "Dissent" not in text


def test_a_long_sentence_is_quoted_as_far_as_one_reads() -> None:
    long = "word " * 100 + "end."
    (position,) = minutes_by_rules({"ceo": long}, NAMES).positions
    assert len(position.quote) <= 280
    assert stands_in(position.quote, long)


@given(st.dictionaries(st.sampled_from(sorted(SAID)), st.text(max_size=300), max_size=4))
def test_whatever_they_say_rules_only_repeat_it(said: dict[str, str]) -> None:
    found = minutes_by_rules(said, NAMES)
    for one in found.positions:
        assert stands_in(one.quote, "\n".join(sentences(said[one.officer])))
    for point in found.agreement:
        assert len(point.officers) > 1
    markdown(found)
