"""The figures of an answer are checked while it is written, and what goes wrong in that costs no answer."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from csuite import llm
from csuite.conversations import tracing
from csuite.conversations.closing import remains_of
from csuite.conversations.models import Message, Turn
from csuite.conversations.streamlog import Answer as Written
from csuite.llm.scripted import Answer
from csuite.personas.asking import Asked
from csuite.personas.evidence.checking import Checker
from csuite.personas.grounds import Grounds
from csuite.profiles.models import Metric, MetricPoint
from csuite.tenants.db import in_db
from tests.conversations.conftest import Room
from tests.personas.labelled import cases, company

MARGIN = "October closed at 38.4%, 2.8 points below September. We lost $9.9m in Peru, they say"


async def figures_of(room: Room) -> None:
    def make() -> None:
        margin = Metric.objects.create(
            key="gross_margin", name="Gross margin", unit="percent", aggregation="average", cadence="monthly"
        )
        for month, value in ((9, "41.2"), (10, "38.4")):
            MetricPoint.objects.create(metric=margin, period=f"2025-{month:02}-01", value=value)

    await in_db(make, tenant=room.tenant)


def classes(evidence: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["text"], one["class"]) for one in evidence]


WHOLE = [("38.4%", "found"), ("2.8 points", "calculated"), ("$9.9m", "not_found")]


async def test_a_finished_sentence_is_marked_while_the_next_is_written_and_the_end_repeats_all(room: Room) -> None:
    await figures_of(room)
    gate = asyncio.Event()
    first, rest = MARGIN[:53], MARGIN[53:]
    with llm.scripted.answers(Answer(pieces=[first, rest[:28], gate, rest[28:]])):
        turn = await room.ask("Why did gross margin fall in October?")
        early = await room.seat.of_type("answer.evidence")
        assert classes(early["evidence"]) == WHOLE[:2]
        gate.set()
        (answer,) = await room.finished(turn)
    ended = await room.seat.of_type("answer.finished")
    assert classes(answer.evidence) == WHOLE, "the half sentence at the end is checked too"
    assert ended["evidence"] == answer.evidence
    assert [answer.text[one["start"] : one["end"]] for one in answer.evidence] == [text for text, _ in WHOLE]
    said = [one for frame in room.seat.frames if frame["type"] == "answer.evidence" for one in frame["evidence"]]
    assert said == answer.evidence
    path = f"/conversations/evidence/{answer.id}/"
    assert f'<a class="figure" href="{path}f18/"' in answer.html
    assert answer.html == ended["html"]


async def test_an_answer_says_how_old_its_data_are_and_what_is_late(room: Room) -> None:
    await figures_of(room)
    with llm.scripted.answers(MARGIN):
        (answer,) = await room.finished(await room.ask("Why did gross margin fall in October?"))
    (late,) = answer.data_age.pop("late")
    assert answer.data_age == {"as_of": "2025-10-31", "closed_on": None}
    assert (late["metric"], late["name"]) == ("gross_margin", "Gross margin")
    assert late["days"] > 200


@pytest.mark.parametrize("fault", ["checker", "step"])
async def test_a_fault_in_the_check_costs_the_marks_and_not_the_answer(
    room: Room, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def broken(*args: object, **more: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(
        Grounds if fault == "checker" else Checker, "checker" if fault == "checker" else "steps", broken
    )
    with llm.scripted.answers(MARGIN):
        (answer,) = await room.finished(await room.ask("Why?"))
    assert (answer.status, answer.text, answer.evidence) == ("complete", MARGIN, [])


async def test_a_check_that_takes_too_long_is_left_where_it_is(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*args: object) -> Iterator[None]:
        while True:
            yield None

    monkeypatch.setattr(Checker, "steps", endless)
    monkeypatch.setattr(tracing, "PATIENCE", 0.05)
    with llm.scripted.answers(MARGIN):
        (answer,) = await room.finished(await room.ask("Why?"))
    assert (answer.status, answer.text) == ("complete", MARGIN)


async def test_a_stopped_and_a_continued_answer_have_the_evidence_of_all_their_text(room: Room) -> None:
    await figures_of(room)
    gate = asyncio.Event()
    with llm.scripted.answers(Answer(pieces=[MARGIN[:24], gate, "never"])):
        turn = await room.ask("Why did gross margin fall in October?")
        await room.seat.of_type("text.delta")
        await room.runner.stop(room.tenant, room.conversation, turn.id, None)
        (stopped,) = await room.finished(turn)
    assert (stopped.status, classes(stopped.evidence)) == ("stopped", WHOLE[:1])
    with llm.scripted.answers(MARGIN[24:]):
        (answer,) = await room.finished(await room.again(Turn.Kind.CONTINUE, stopped.id))
    assert (answer.text, classes(answer.evidence)) == (MARGIN, WHOLE)


def test_what_was_checked_of_a_dead_processs_answer_is_kept() -> None:
    message = Message().id
    frames = [
        {"type": "text.delta", "message": str(message), "seq": 1, "text": "It was 5%. "},
        {"type": "answer.evidence", "message": str(message), "seq": 2, "evidence": [{"id": "f7"}]},
    ]
    assert remains_of(frames, message).evidence == ({"id": "f7"},)


async def test_no_step_of_a_long_answer_of_figures_holds_up_the_loop() -> None:
    """A thousand figures at once; what runs beside it is called at least every 20 ms of the checker's own time."""
    facts, _ = company("northwind")
    text = "\n\n".join(case.text for case in cases("tuning") if case.company == "northwind")[:20_000]
    out = Written(Message().id)
    out.pieces, out.length = [text], len(text)
    grounds = Grounds(facts)
    grounds.known()
    asked = Asked((), {}, "", None, None, "", grounds=grounds)
    said: list[dict[str, Any]] = []
    trace = tracing.Tracing(asked, out, said.extend)
    gaps: list[float] = []

    async def beside() -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            gaps.append(time.thread_time() - last)
            last = time.thread_time()

    watcher = asyncio.create_task(beside())
    evidence = await trace.finish()
    watcher.cancel()
    assert len(evidence) > 100
    assert [*evidence] == said
    assert sorted(gaps)[-2] < 0.02, "one collection of garbage is forgiven"
