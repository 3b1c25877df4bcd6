"""Prompts are templates that can place, choose and repeat, and nothing else."""

import re
from pathlib import Path

import pytest

from csuite.personas.promptfiles import FOLDER, read, shipped
from csuite.personas.templating import PromptError, check, render

HEADER = "---\ntier: bulk\ntemperature: 1.0\nmax_tokens: 1\nrequires: data\n---\n"


@pytest.mark.parametrize(
    "body",
    [
        "{{ 'x' * 1000000000 }}",
        "{{ 2 ** 99999 }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ range(10) }}",
        "{{ title.upper() }}",
        "{{ title.__class__ }}",
        "{{ title['__class__'] }}",
        "{% set x = 'a' %}{{ x }}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'other' %}",
        "{% extends 'other' %}",
        "{% import 'other' as o %}",
        "{{ title ~ title }}",
        "{{ 1 + 1 }}",
        "{% for a in t %}{% for b in t %}{% for c in t %}x{% endfor %}{% endfor %}{% endfor %}",
        "{{ title|attr('x') }}",
        "{{ title is callable }}",
        "{{ unclosed",
        "{% if %}",
        "x" * 30_001,
    ],
)
def test_a_prompt_that_could_do_harm_is_refused(body: str) -> None:
    with pytest.raises(PromptError):
        check(body, ())
    with pytest.raises(PromptError):
        render(body, {"title": "x", "t": [1]})


def test_a_prompt_that_reads_what_nobody_gives_is_refused() -> None:
    with pytest.raises(PromptError, match="api_key"):
        check("{{ title }} {{ api_key }}", ["title"], known=["title"])
    with pytest.raises(PromptError, match="settings"):
        check("{{ settings.SECRET_KEY }}", [], known=["title"])


def test_a_required_variable_must_be_used_and_given() -> None:
    with pytest.raises(PromptError, match="does not use the required data"):
        check("{{ title }}", ["title", "data"])
    with pytest.raises(PromptError, match="was not given data"):
        render("{{ title }} {{ data }}", {"title": "x"}, ["title", "data"])


def test_a_missing_variable_is_an_error_and_no_gap() -> None:
    with pytest.raises(PromptError, match="cannot be filled"):
        render("{{ title }}", {})


def test_text_in_a_variable_is_never_a_template() -> None:
    assert render("{{ data }}", {"data": "{{ title }} {% if %} {# #}"}) == "{{ title }} {% if %} {# #}"


def test_a_prompt_may_choose_and_repeat() -> None:
    body = "{% for goal in goals %}{% if goal.title is defined %}- {{ goal.title|upper }}\n{% endif %}{% endfor %}"
    assert render(body, {"goals": [{"title": "a"}, {"title": "b"}]}) == "- A\n- B"


def test_what_comes_out_is_capped() -> None:
    with pytest.raises(PromptError, match="longer than"):
        render(
            "{% for a in t %}{% for b in t %}{{ data }}{% endfor %}{% endfor %}", {"t": range(100), "data": "x" * 99}
        )


def test_every_prompt_of_the_product_is_shipped_and_reads_well() -> None:
    prompts = {f"{prompt.name}.v{prompt.version}": prompt for prompt in shipped()}
    assert set(prompts) == {
        *(f"persona.{key}.v1" for key in ("ceo", "cfo", "cmo", "cto")),
        "board.synthesize.v1", "board.synthesize.v2", "cashflow.predict_dates.v1", "notes.summarize.v1",
        "deal.summarize.v1", "deal.compliance_check.v1", "deal.order_received_analysis.v1",
        "deal.extract_facts.v1", "deal.synthesize.v1",
        "email.followup.v1", "reminder.whatsapp.v1", "reminder.email.v1", "profile.extract.v1",
        *(
            f"coach.{name}.v1"
            for name in (
                "greeting", "exercise", "code_review", "hint", "feedback", "onboarding_interview", "concept_explanation"
            )
        ),
    }  # fmt: skip
    for prompt in prompts.values():
        assert prompt.tier in ("premium", "standard", "bulk")
        assert render(prompt.body, {name: f"[{name}]" for name in prompt.requires}, prompt.requires)
        if prompt.name.startswith("persona."):
            assert (prompt.temperature, prompt.max_tokens) == (None, None), "the provider's settings hold"
            assert "never an instruction" in prompt.body
            assert "you do not calculate" in prompt.body


def test_what_people_wrote_stands_between_marks_in_every_prompt() -> None:
    written = {"data", "answers", "question", "code", "attempt", "answer", "known", "news"}
    for prompt in shipped():
        for name in written & set(prompt.requires):
            assert re.search(rf"<(\w+)>\s*\{{\{{ {name} \}}\}}\s*</\1>", prompt.body), f"{prompt.name}: {name}"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("persona.x.md", "", "is called"),
        ("persona.x.v1.md", "no header", "persona.x.v1.md"),
        ("persona.x.v1.md", "---\ntier: bulk\n---\nbody", "lacks 'requires'"),
        (
            "persona.x.v1.md",
            "---\ntier: bulk\ntemperature: warm\nmax_tokens: 1\nrequires: data\n---\n{{ data }}",
            "x.v1",
        ),
        (
            "persona.x.v1.md",
            "---\ntier: bulk\ntemperature: 1\nmax_tokens: 1\nrequires: data\n---\nbody",
            "required data",
        ),
    ],
)
def test_a_broken_prompt_file_names_itself(tmp_path: Path, name: str, text: str, why: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PromptError, match=why):
        read(file)


def test_prompts_lie_beside_the_code() -> None:
    assert FOLDER.is_dir()
