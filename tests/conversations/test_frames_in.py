"""What a browser may send (THREATS T16, T20): everything else is a bad frame, never a traceback."""

import contextlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csuite.conversations import frames_in
from csuite.conversations.notices import decode, encode, frames_stored
from csuite.tenants.problems import Problem

ASK = '{"type":"ask","id":"12345678","text":"why","personas":["cfo"],"parent":null}'


def test_an_ask_is_read() -> None:
    frame = frames_in.parse(ASK)
    assert isinstance(frame, frames_in.AskFrame)
    assert (frame.text, frame.personas, frame.parent) == ("why", ["cfo"], None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "1",
        "null",
        '"ask"',
        '{"type":null}',
        '{"type":"chat.message"}',
        '{"type":"disconnect"}',
        '{"type":["ask"]}',
        "[" * 10_000,
        '{"a":' * 10_000,
        "NaN",
        '{"type":"ask","id":NaN}',
        r'{"type":"ask","id":"12345678","text":"\ud800","personas":["cfo"]}',
        ASK.replace('"cfo"', "1"),
        ASK.replace('["cfo"]', "[]"),
        ASK.replace('["cfo"]', '["a","b","c","d","e"]'),
        ASK.replace('"why"', "null"),
        ASK.replace("12345678", "1"),
        ASK.replace("12345678", "a" * 65),
        ASK.replace("12345678", "x y z w v"),
        ASK.replace("null", '"nonsense"'),
        '{"type":"watch","turn":"x","after":0}',
        f'{{"type":"watch","turn":"{uuid.UUID(int=7)}","after":"0"}}',
        f'{{"type":"watch","turn":"{uuid.UUID(int=7)}","after":-2}}',
        f'{{"type":"watch","turn":"{uuid.UUID(int=7)}","after":99999999999999999999}}',
        '{"type":"stop"}',
        '{"type":"regenerate","id":"12345678"}',
    ],
)
def test_a_frame_that_is_not_of_the_contract_is_bad(text: str) -> None:
    with pytest.raises(Problem) as caught:
        frames_in.parse(text)
    assert caught.value.code == "bad_frame"


@given(st.text())
def test_no_text_raises_anything_but_a_problem(text: str) -> None:
    with contextlib.suppress(Problem):
        frames_in.parse(text)
    frames_in.client_id(text)


def test_unknown_fields_are_ignored_and_change_nothing() -> None:
    assert frames_in.parse(ASK[:-1] + ',"base_url":"http://evil","model":"x"}') == frames_in.parse(ASK)


def test_the_id_of_an_unreadable_frame_is_found_when_it_has_one() -> None:
    assert frames_in.client_id('{"type":"nonsense","id":"abc"}') == "abc"
    assert frames_in.client_id('{"type":"nonsense"}') is None
    assert frames_in.client_id("[]") is None
    assert frames_in.client_id('{"id":7}') is None


def test_a_notice_names_its_sender_and_survives_the_way() -> None:
    by, turn = uuid.uuid4(), uuid.uuid4()
    notice = decode(encode("stop", by, turn, None))
    assert notice is not None
    assert (notice.kind, notice.by, notice.ids) == ("stop", by.hex, (str(turn), ""))
    assert decode("nonsense") is None
    assert decode("{}") is None


def test_a_batch_of_many_turns_fits_into_notices() -> None:
    turns = [uuid.uuid4() for _ in range(700)]
    payloads = frames_stored(uuid.uuid4(), turns)
    assert all(len(p.encode()) < 8000 for p in payloads)
    named = [i for p in payloads for i in (decode(p) or pytest.fail("unreadable")).ids]
    assert named == [str(t) for t in turns]
