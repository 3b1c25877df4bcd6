"""How a turn's events become numbered frames."""

import uuid

import orjson

from csuite.conversations.events import AnswerStarted, Outcome
from csuite.conversations.streamlog import Stream


def stream_of(*messages: uuid.UUID) -> Stream:
    return Stream(uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), list(messages))


def bodies(stream: Stream) -> list[dict[str, object]]:
    return [orjson.loads(text) for _, text in stream.take()]


def test_deltas_that_wait_together_become_one_frame() -> None:
    message = uuid.uuid4()
    stream = stream_of(message)
    for word in ("Gross ", "margin ", "fell"):
        stream.text(stream.answers[message], word)
    (frame,) = bodies(stream)
    assert frame["text"] == "Gross margin fell"
    assert (frame["seq"], frame["at"]) == (0, 0)


def test_numbers_go_on_over_several_takes_and_at_counts_code_points() -> None:
    message = uuid.uuid4()
    stream = stream_of(message)
    stream.text(stream.answers[message], "é🦀")
    assert [f["seq"] for f in bodies(stream)] == [0]
    stream.text(stream.answers[message], "!")
    (frame,) = bodies(stream)
    assert (frame["seq"], frame["at"]) == (1, 2)


def test_deltas_of_two_answers_do_not_mix() -> None:
    one, two = uuid.uuid4(), uuid.uuid4()
    stream = stream_of(one, two)
    for message, text in ((one, "a"), (two, "b"), (one, "c")):
        stream.text(stream.answers[message], text)
    assert [(f["message"], f["text"], f["at"]) for f in bodies(stream)] == [
        (str(one), "a", 0),
        (str(two), "b", 0),
        (str(one), "c", 1),
    ]
    assert stream.answers[one].text == "ac"


def test_an_answer_remembers_the_numbers_of_its_frames() -> None:
    message = uuid.uuid4()
    stream = stream_of(message)
    answer = stream.answers[message]
    stream.put({"type": "turn.started"})
    stream.put(AnswerStarted(message, "groq", "llama", "persona.cfo.v1"))
    stream.text(answer, "word")
    stream.put(Outcome(message, "complete", "word"))
    assert [f["type"] for f in bodies(stream)] == ["turn.started", "answer.started", "text.delta", "answer.finished"]
    assert (answer.seq_started, answer.seq_text, answer.seq_finished) == (1, 2, 3)


def test_every_frame_names_its_turn() -> None:
    message = uuid.uuid4()
    stream = stream_of(message)
    stream.text(stream.answers[message], "x")
    assert bodies(stream)[0]["turn"] == str(stream.turn)
