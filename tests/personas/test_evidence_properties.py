"""What holds for every text: offsets, pieces, order, digits."""

import random
import time
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from csuite.personas.evidence.checking import Checker, check
from csuite.personas.evidence.knowledge import prepared
from csuite.personas.evidence.records import Finding
from csuite.profiles import formatting, months
from tests.personas.labelled import cases, company, known

FACTS, _ = company("northwind")
TEXTS = [case.text for which in ("tuning", "fresh") for case in cases(which)]
WORDS = "Revenue |gross margin |cash |was |fell to |rose by |in October|in Q3 2026|a year ago|three|two thirds|47 days"
NUMBERS = "38.4%|$2.41m|2.8 points|1.234,56|1 234|−3|(12)|12–14 %"
MARKS = [
    ". ",
    ", ",
    "\n",
    "\n\n",
    "| ",
    "|---|",
    "- ",
    "1. ",
    "**",
    "`",
    "```\n",
    "# ",
    "> ",
    "(",
    ")",
    "€",
    "$",
    ":",
    " ",
]
PIECES = st.sampled_from([*WORDS.split("|"), *NUMBERS.split("|"), *MARKS])
MARKDOWN = st.lists(PIECES, max_size=40).map("".join)


def whole(text: str, company_name: str = "northwind") -> list[Finding]:
    checker = Checker(known(company_name))
    checker.read(text, final=True)
    return checker.findings


@given(st.one_of(MARKDOWN, st.text(max_size=200)))
@settings(deadline=None, max_examples=150)
def test_offsets_slice_the_text_and_never_overlap(text: str) -> None:
    end = 0
    for one in whole(text):
        assert text[one.start : one.end] == one.text
        assert end <= one.start < one.end
        end = one.end


@given(MARKDOWN, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=100)
def test_pieces_give_what_the_whole_gives(text: str, chance: random.Random) -> None:
    checker = Checker(known("northwind"))
    given_so_far: list[Finding] = []
    at = 0
    while at < len(text):
        at += chance.randint(1, 9)
        given_so_far += checker.read(text[:at])
    given_so_far += checker.read(text, final=True)
    assert given_so_far == whole(text)
    assert checker.findings == given_so_far


@pytest.mark.parametrize("text", TEXTS[:12])
def test_an_answer_read_character_by_character_is_judged_as_the_whole(text: str) -> None:
    checker = Checker(known("northwind"))
    for at in range(len(text)):
        checker.read(text[:at])
    checker.read(text, final=True)
    assert checker.findings == whole(text)


@given(st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=10)
def test_the_order_of_the_facts_changes_nothing(chance: random.Random) -> None:
    shuffled = replace(
        FACTS,
        metrics=tuple(chance.sample(FACTS.metrics, len(FACTS.metrics))),
        goals=tuple(chance.sample(FACTS.goals, len(FACTS.goals))),
        causes=tuple(chance.sample(FACTS.causes, len(FACTS.causes))),
        insights=tuple(chance.sample(FACTS.insights, len(FACTS.insights))),
    )
    text = TEXTS[0]
    assert check(text, shuffled) == check(text, FACTS)


METRICS = [series for series in FACTS.metrics if series.unit in ("currency", "percent", "count")]
ONE = st.sampled_from(METRICS).flatmap(lambda series: st.tuples(st.just(series), st.sampled_from(series.points)))


@given(ONE)
@settings(deadline=None, max_examples=150)
def test_a_figure_copied_with_its_name_and_month_is_found(one: tuple) -> None:  # type: ignore[type-arg]
    series, point = one
    shown = formatting.worded(point.value, series.unit, "USD", series.places)
    found = [f for f in whole(f"{series.name} was {shown} in {months.long(point.period)}.") if f.cls != "not_a_claim"]
    assert [f.cls for f in found] == ["found"], found
    assert found[0].match
    assert found[0].match.facts == (f"metric:{series.key}:{point.period:%Y-%m}",)


@given(ONE, st.data())
@settings(deadline=None, max_examples=150)
def test_another_digit_is_not_found(one: tuple, data: st.DataObject) -> None:  # type: ignore[type-arg]
    series, point = one
    assume(point.value % 10_000 != 5_000)  # right between two ways to round it
    shown = formatting.worded(point.value, series.unit, "USD", series.places)
    place = data.draw(st.sampled_from([at for at, c in enumerate(shown) if c.isdigit()]))
    digit = data.draw(st.sampled_from([d for d in "123456789" if d != shown[place]]))
    wrong = shown[:place] + digit + shown[place + 1 :]
    found = whole(f"{series.name} was {wrong} in {months.long(point.period)}.")
    assert [f.cls for f in found if f.cls != "not_a_claim"] == ["not_found"], (shown, wrong, found)


HOSTILE = [
    "1," * 20_000,
    "1.000" * 10_000,
    "|" * 20_000,
    "(" * 20_000 + ")" * 20_000,
    "- " * 20_000,
    "**" * 20_000,
    "`" * 20_001,
    "from " * 10_000,
    "$-" * 20_000,
    "a" * 100_000,
    " " * 100_000 + "%",
    "two thirds of " * 5_000,
    "in October 2026 " * 5_000,
    "[x](" * 10_000,
    "<" * 20_000,
    "www." * 10_000,
    "0 " * 20_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_no_text_takes_long(text: str) -> None:
    begun = time.process_time()
    whole(text)
    assert time.process_time() - begun < 30


def test_values_are_exact() -> None:
    (found,) = [one for one in whole("Revenue was $2.41m in October.") if one.cls == "found"]
    assert found.match
    assert found.match.value == Decimal(2_412_000)


def test_a_company_is_made_ready_once_for_many_answers() -> None:
    ready = prepared(FACTS)
    assert check(TEXTS[0], ready) == check(TEXTS[0], ready) == check(TEXTS[0], FACTS)
