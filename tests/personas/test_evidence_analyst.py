"""The analyst's answers are right by rule: the check must find nearly all of their figures."""

from csuite.personas.evidence.checking import Checker
from csuite.personas.evidence.knowledge import prepared
from tests.personas.test_analyst import QUESTIONS, SEES, ask, seen_by


def test_nearly_every_figure_of_the_analyst_is_found_or_calculated() -> None:
    supported, missed = 0, []
    for persona in SEES:
        known = prepared(seen_by(persona))
        for question in QUESTIONS:
            checker = Checker(known, question)
            text = ask(persona, question)
            checker.read(text, final=True)
            supported += sum(one.cls in ("found", "calculated") for one in checker.findings)
            missed += [(question, text[one.start - 40 : one.end]) for one in checker.findings if one.cls == "not_found"]
    assert supported > 1000
    assert len(missed) < supported / 50, missed
