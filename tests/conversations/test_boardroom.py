"""A question to several officers and its synthesis, through a runner of this process."""

import asyncio
import uuid
from typing import Any

import pytest

from csuite import llm
from csuite.conversations.boardroom.minutes import read
from csuite.conversations.boardroom.synthesizing import TOO_FEW
from csuite.conversations.models import Turn
from csuite.llm.scripted import Answer
from csuite.tenants.problems import Problem
from tests.conversations.conftest import Room
from tests.conversations.minutes import SAID, form, table

ALL = ("ceo", "cfo", "cmo", "cto")
QUESTION = "Should we absorb the surcharge?"


async def sat(room: Room, *script: Any, officers: tuple[str, ...] = ALL) -> tuple[Turn, list[Any], Any]:
    with llm.scripted.answers(*script) as play:
        turn = await room.ask(QUESTION, *officers)
        return turn, await room.finished(turn), play


async def shown(room: Room, turn: Turn, message: uuid.UUID) -> list[str]:
    return [f["type"] for f in room.seat.frames if f.get("turn") == str(turn.id) and f.get("message") == str(message)]


async def test_a_synthesis_follows_the_officers_and_its_dissent_is_theirs(room: Room) -> None:
    turn, answers, _play = await sat(room, table())
    board = answers[-1]
    assert [(a.persona, a.role, a.status) for a in answers] == [
        *((key, "answer", "complete") for key in ALL), ("board", "synthesis", "complete"),
    ]  # fmt: skip
    started = await room.seat.of_type("turn.started", turn.id)
    assert started["answers"][-1] == {"message": str(board.id), "persona": "board", "role": "synthesis"}
    found = read(board.synthesis)
    assert found is not None
    assert (found.decision, found.confidence) == ("Pass it on in two steps.", 72)
    assert [(one.officer, one.quote) for one in found.dissent] == [
        ("cfo", SAID["cfo"].partition("January. ")[2].replace("*", ""))
    ]
    assert found.answers == {a.persona: str(a.id) for a in answers[:4]}
    assert "**CFO**: would take all of it at once" in board.text
    assert (board.provider, board.prompt_version) == ("scripted", "board.synthesize.v2")
    finished = await room.seat.until(lambda f: f["type"] == "answer.finished" and f["message"] == str(board.id))
    assert finished["synthesis"] == board.synthesis
    order = [f["message"] for f in room.seat.frames if f["type"] == "answer.finished"]
    assert order[-1] == str(board.id)
    assert await shown(room, turn, board.id) == ["answer.started", "text.delta", "answer.finished"]


async def test_no_officer_hears_another_and_the_board_hears_all(room: Room) -> None:
    _, _, play = await sat(room, table())
    for call in play.calls:
        told = "".join(message.text for message in call.messages)
        heard = [key for key, text in SAID.items() if text[:20] in told]
        assert heard == (list(ALL) if call.labels["persona"] == "board" else [])


@pytest.mark.parametrize("wrong", [Answer(error="overloaded"), Answer("Half a w", cut=True)])
async def test_the_board_sums_up_those_who_answered(room: Room, wrong: Answer) -> None:
    _, answers, play = await sat(room, table(cmo=wrong))
    assert [a.status for a in answers if a.persona != "cmo"] == ["complete"] * 4
    assert list(answers[-1].synthesis["answers"]) == ["ceo", "cfo", "cto"]
    assert 'officer="cmo"' not in play.calls[-1].messages[0].text


async def test_one_answer_is_not_a_meeting(room: Room) -> None:
    _, answers, play = await sat(room, table(ceo=Answer(error="overloaded"), cfo="Yes."), officers=("ceo", "cfo"))
    assert [(a.persona, a.status) for a in answers] == [("ceo", "failed"), ("cfo", "complete"), ("board", "failed")]
    assert (answers[-1].note, answers[-1].synthesis) == (TOO_FEW, None)
    assert {call.labels["persona"] for call in play.calls} == {"ceo", "cfo"}


async def test_what_failed_is_asked_again_alone_and_a_new_synthesis_reads_what_is_on_screen(room: Room) -> None:
    _, answers, _ = await sat(room, table(ceo=Answer(error="overloaded")), officers=("ceo", "cfo"))
    ceo, cfo, board = answers
    with llm.scripted.answers(table()) as play:
        again = await room.again("regenerate", ceo.id)
        (new,) = await room.finished(again)
        assert (new.persona, new.status, [c.labels["persona"] for c in play.calls]) == ("ceo", "complete", ["ceo"])
        later = await room.again("regenerate", board.id)
        (minutes,) = await room.finished(later)
    assert (minutes.role, minutes.status) == ("synthesis", "complete")
    assert minutes.synthesis is not None
    assert minutes.synthesis["answers"] == {"ceo": str(new.id), "cfo": str(cfo.id)}
    with llm.scripted.answers("Yes.") as play:
        await room.finished(await room.ask("And then?", "cfo", parent=minutes.id))
    told = [(m.role, m.text) for m in play.calls[0].messages]
    assert told[1] == ("user", QUESTION)
    assert SAID["ceo"] in told[2][1]
    assert SAID["cfo"] in told[2][1]
    assert "[The board answered:]" in told[2][1]


async def test_a_synthesis_is_not_continued(room: Room) -> None:
    gate = asyncio.Event()
    with llm.scripted.answers(table(Answer(pieces=[gate]))):
        turn = await room.ask(QUESTION, "ceo", "cfo")
        board = (await room.answers(turn))[-1]
        await room.seat.until(lambda f: f["type"] == "answer.finished" and f["message"] != str(board.id))
        await room.runner.stop(room.tenant, room.conversation, turn.id, board.id)
        answers = await room.finished(turn)
    assert [a.status for a in answers] == ["complete", "complete", "stopped"]
    with pytest.raises(Problem, match="made anew"):
        await room.again("continue", board.id)


async def test_a_stop_of_all_stops_officers_and_board(room: Room) -> None:
    gate = asyncio.Event()
    with llm.scripted.answers(table(ceo=Answer(pieces=["word ", gate]), cfo=Answer(pieces=["word ", gate]))):
        turn = await room.ask(QUESTION, "ceo", "cfo")
        await room.seat.of_type("text.delta", turn.id)
        await room.runner.stop(room.tenant, room.conversation, turn.id, None)
        answers = await room.finished(turn)
    assert [a.status for a in answers] == ["stopped"] * 3


async def test_a_form_that_does_not_fit_is_repaired_once(room: Room) -> None:
    tries = iter(["no JSON", form()])

    def answer(call: llm.Call) -> str:
        return next(tries) if call.labels["persona"] == "board" else SAID[call.labels["persona"]]

    _, answers, play = await sat(room, answer, officers=("ceo", "cfo"))
    assert (answers[-1].provider, answers[-1].synthesis["by_rules"]) == ("scripted", False)
    assert len(play.calls) == 4


@pytest.mark.parametrize("minutes", ["never JSON", Answer(error="overloaded")])
async def test_without_a_model_for_it_rules_lay_the_answers_side_by_side(room: Room, minutes: Any) -> None:
    _, answers, _ = await sat(room, table(minutes), officers=("ceo", "cfo"))
    board = answers[-1]
    assert (board.status, board.provider) == ("complete", "analyst")
    assert board.note.endswith("laid side by side by rule.")
    assert board.synthesis["by_rules"]
    assert not board.synthesis["dissent"]
    assert board.synthesis["confidence"] is None
    assert [one["quote"] for one in board.synthesis["positions"]] == [
        "Pass it on, in two steps.",
        "Pass on 3% in January.",
    ]


async def test_the_analyst_alone_holds_a_meeting_too(room: Room) -> None:
    with llm.scripted.answers(PRIMARY="", ANALYST="csuite.personas.analyst.Analyst", ENABLED=False):
        turn = await room.ask("How is margin?", "ceo", "cfo")
        answers = await room.finished(turn)
        board = answers[-1]
        assert [a.provider for a in answers] == ["analyst"] * 3
        (again,) = await room.finished(await room.again("regenerate", board.id))
    assert "No language model was used" in board.note
    assert (again.status, again.provider) == ("complete", "analyst")


async def test_a_synthesis_replays_as_it_was_and_survives_its_process(room: Room) -> None:
    turn, answers, _ = await sat(room, table())
    late = room.sit()
    await room.runner.hub.watch(late, turn.id, -1)
    await late.of_type("turn.finished", turn.id)
    frames = [f for f in late.frames if f.get("message") == str(answers[-1].id)]
    assert [f["type"] for f in frames] == ["answer.started", "text.delta", "answer.finished"]
    assert frames[-1]["synthesis"] == answers[-1].synthesis


async def test_asking_the_board_alone_is_refused(room: Room) -> None:
    with pytest.raises(Problem, match="one to four"):
        await room.ask("Why?", "board")
