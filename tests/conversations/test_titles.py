"""A conversation names itself by what was asked first."""

import pytest

from csuite.conversations.titles import LONGEST, title_of


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Why did margin fall?", "Why did margin fall?"),
        ("why did gross margin fall in October, and can we still reach 41%?", "Why did gross margin fall in October"),
        ("Hi there, could you please tell me what our runway is?", "What our runway is?"),
        ("Please compare Q2 with Q3. Use a table.", "Compare Q2 with Q3"),
        ("Hello CFO, what did we spend on freight? I ask for the board.", "What did we spend on freight?"),
        ("I would like to understand the 12.5% drop in orders", "The 12.5% drop in orders"),
        ("Hi", "Hi"),
        ("Bitte", "Bitte"),
        ("# Plan\nfor 2027", "Plan for 2027"),
        ("///", "///"),
        ("¿Cuál es el margen?", "¿Cuál es el margen?"),
    ],
)
def test_a_title_is_the_first_thought_without_its_greeting(question: str, title: str) -> None:
    assert title_of(question) == title


def test_a_long_question_is_cut_at_a_word_and_says_so() -> None:
    title = title_of("Explain how our distribution contracts in northern Europe influence cash conversion this year")
    assert len(title) <= LONGEST
    assert title == "Explain how our distribution contracts in northern Europe…"
