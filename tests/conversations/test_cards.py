"""The card of a figure: its value, where it comes from, the calculation with its parts, and its page."""

from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest
from django.utils import timezone

from csuite.conversations.cards import Card, card
from csuite.conversations.models import Conversation, Frame, Message, Turn
from csuite.personas.evidence.checking import check
from csuite.profiles.facts import Whole
from csuite.tenants.scope import tenant_scope
from tests.conftest import Cast
from tests.personas.labelled import cases, company

FACTS, _ = company("northwind")
KNOWN = Whole(FACTS.today, FACTS.company, FACTS.metrics, FACTS.goals, FACTS.causes, FACTS.insights)


def cards(text: str, known: Whole = KNOWN) -> list[Card]:
    return [card(one.evidence(), known) for one in check(text, FACTS) if one.cls != "not_a_claim"]


def evidence(**more: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("metric", "period", "as_of", "calculation"))
    return {**empty, "id": "f0", "start": 0, "end": 2, "class": "not_found", "text": "5%", "value": "5",
            "unit": "percent", "source": [], **more}  # fmt: skip


def test_a_found_figure_shows_its_month_against_the_target() -> None:
    (one,) = cards("Gross margin was 38.4% in October.")
    assert (one.state, one.title, one.value) == ("From your data", "Gross margin, October 2026", "38.4%")
    assert one.delta is not None
    assert (one.delta.text, one.delta.note, one.delta.is_good) == ("2.6 points", "under target", False)
    assert "chart__plot--narrow" in one.chart
    assert [(row.name, row.value) for row in one.rows[:2]] == [("Oct 2026", "38.4%"), ("Sep 2026", "41.2%")]
    assert one.parts == ()


def test_a_calculated_figure_spells_the_calculation_and_links_its_parts() -> None:
    _, drop = cards("Gross margin was 38.4% in October, 2.8 points below September.")
    assert (drop.state, drop.value) == ("Calculated", "−2.80 points")
    assert drop.calculation == "38.4% − 41.2% = −2.80 points"
    assert [(part.name, part.value, part.metric) for part in drop.parts] == [
        ("Gross margin, October 2026", "38.4%", "gross_margin_pct"),
        ("Gross margin, September 2026", "41.2%", "gross_margin_pct"),
    ]


def test_a_product_lines_figure_is_named_with_its_line() -> None:
    (one,) = cards("Revenue of Flow meters was $1.106m in October.")
    assert one.title == "Revenue, Flow meters, October 2026"


def test_what_is_not_found_says_so_and_shows_nothing_else() -> None:
    (one,) = cards("We lost $9.9m in Peru.")
    assert (one.state, one.title, one.metric, one.parts) == ("Not found in your data", "$9.9m", None, ())


def test_a_goal_is_a_source_with_its_target() -> None:
    goal = next(one for one in FACTS.goals if one.metric == "gross_margin_pct")
    one = card({**evidence(), "class": "found", "metric": goal.metric, "source": [f"goal:{goal.key}"]}, KNOWN)
    assert [(part.name, part.value, part.metric) for part in one.parts] == [
        (f"Goal: {goal.title}", "41%", "gross_margin_pct")
    ]


def test_a_metric_that_is_overdue_says_how_late_it_is() -> None:
    (one,) = cards("Gross margin was 38.4% in October.", replace(KNOWN, today=date(2027, 1, 31)))
    assert one.late == "42 days late"


def test_a_metric_that_is_gone_leaves_the_figure_as_it_was_checked() -> None:
    (one,) = cards("Gross margin was 38.4% in October.", replace(KNOWN, series=()))
    assert (one.value, one.metric) == ("38.4%", None)


@pytest.mark.parametrize("case", [("northwind", 12), ("lumen", 5)])
def test_every_figure_of_long_answers_has_a_card(case: tuple[str, int]) -> None:
    facts, deals = company(case[0])
    known = Whole(facts.today, facts.company, facts.metrics, facts.goals, facts.causes, facts.insights)
    texts = [one for one in cases("tuning") if one.company == case[0]][: case[1]]
    made = [card(f.evidence(), known) for t in texts for f in check(t.text, facts, deals) if f.cls != "not_a_claim"]
    assert len(made) > 50
    assert all(one.title and one.state for one in made)


@pytest.mark.django_db
def test_a_figures_page_shows_it_while_the_answer_is_written_and_after(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        talk = Conversation.objects.create(user=cast.bob, updated_at=timezone.now())
        done = Message.objects.create(
            conversation=talk, kind="answer", persona="cfo", evidence=[evidence(), evidence(id="f9", text="$9m")]
        )
        question = Message.objects.create(conversation=talk, kind="question")
        turn = Turn.objects.create(
            conversation=talk, user=cast.bob, client_id="0" * 8, fingerprint="", number=1, question=question
        )
        running = Message.objects.create(conversation=talk, turn=turn, kind="answer", persona="cfo", status="streaming")
        said = {"type": "answer.evidence", "message": str(running.id), "evidence": [evidence(text="7%")]}
        Frame.objects.create(tenant=cast.acme, turn_id=turn.id, seq=3, payload=orjson.dumps(said).decode())
    client = cast.client(cast.bob)
    page = client.get(f"/conversations/evidence/{done.id}/f0/").content.decode()
    assert "1 of 2 figures" in page
    assert f"/conversations/evidence/{done.id}/f9/" in page
    assert "Not found in your data" in page
    assert client.get(f"/conversations/evidence/{done.id}/f1/").status_code == 404
    assert "7%" in client.get(f"/conversations/evidence/{running.id}/f0/").content.decode()


@pytest.mark.django_db
def test_a_question_has_no_figures(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        talk = Conversation.objects.create(user=cast.bob, updated_at=timezone.now())
        asked = Message.objects.create(conversation=talk, kind="question", evidence=[evidence()])
    assert cast.client(cast.bob).get(f"/conversations/evidence/{asked.id}/f0/").status_code == 404
