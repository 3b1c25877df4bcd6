"""What providers really sent gives what their own clients made of it, in whatever pieces it comes."""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from csuite.llm.dialects import Said
from csuite.llm.dialects.anthropic_reader import AnthropicReader
from csuite.llm.dialects.openai_reader import OpenAIReader
from csuite.llm.errors import LLMError
from csuite.llm.providers import ANTHROPIC, table
from csuite.llm.refusals import refusal
from csuite.llm.sse import Decoder
from tests.exchanges.recordings import FOLDER, body, cuts, kind, missing, names, recording

SMALL = 2_000  # bytes of a body that is split at every byte here; the larger ones in the long loop


@dataclass
class Read:
    text: str
    said: Said
    error: LLMError | None


def read(name: str, *pieces: bytes) -> Read:
    """The recording through the dialect, its body in these pieces."""
    response = recording(name)["response"]
    said = Said()
    row = table()[name.partition("/")[0]]
    reader = (AnthropicReader if row.dialect == ANTHROPIC else OpenAIReader)(row, said)
    if response["status"] >= 300:
        return Read("", said, reader.refused(response["status"], response["headers"], b"".join(pieces)))
    reader.opened(response["headers"])
    text = "".join(reader.feed(piece) for piece in pieces)
    try:
        return Read(text + reader.end(), said, None)
    except LLMError as error:
        return Read(text, said, error)


def check(name: str, got: Read) -> None:
    expect = recording(name)["expect"]
    assert got.text == expect["text"]
    assert got.said.finish_reason == expect["finish_reason"]
    usage = got.said.usage
    assert (usage.prompt, usage.completion, usage.cached) == tuple(
        expect[f"{word}_tokens"] for word in ("prompt", "completion", "cached")
    )
    assert (got.error.kind if got.error else "") == kind(expect["error_kind"])
    calls = [(call.name, call.arguments) for call in got.said.tool_calls]
    assert calls == [(call["name"], call["arguments"]) for call in expect["extra"]["tool_calls"] or []]


@pytest.mark.parametrize("name", names())
def test_a_recording_gives_what_is_expected_in_one_piece_and_byte_by_byte(name: str) -> None:
    whole = body(name)
    check(name, read(name, whole))
    check(name, read(name, *(whole[at : at + 1] for at in range(len(whole)))))


@pytest.mark.parametrize("name", [name for name in names() if len(body(name)) <= SMALL])
def test_a_recording_split_in_two_at_every_byte_gives_what_is_expected(name: str) -> None:
    whole = body(name)
    for at in range(len(whole) + 1):
        check(name, read(name, whole[:at], whole[at:]))


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in names() if len(body(name)) > SMALL])
def test_a_large_recording_split_in_two_at_every_byte_gives_what_is_expected(name: str) -> None:
    test_a_recording_split_in_two_at_every_byte_gives_what_is_expected(name)


@pytest.mark.parametrize("name", [name for name in names(streamed=True) if len(body(name)) > SMALL])
def test_each_event_of_a_large_recording_split_at_every_byte_is_the_same_event(name: str) -> None:
    """The long loop by parts, and a sample of them: between two events the decoder has no memory."""
    blocks = body(name).split(b"\n\n")
    for first, second in list(pairwise(blocks))[:: 1 + len(blocks) // 25]:
        pair = first + b"\n\n" + second + b"\n\n"
        whole = Decoder().feed(pair)
        for at in range(len(pair)):
            decoder = Decoder()
            assert decoder.feed(pair[:at]) + decoder.feed(pair[at:]) == whole


@pytest.mark.parametrize("name", names(streamed=True))
def test_a_cut_recording_is_never_complete_and_keeps_exactly_what_had_come(name: str) -> None:
    whole, expect = body(name), recording(name)["expect"]
    for at in cuts(name):
        got = read(name, whole[:at])
        assert got.error is not None
        assert not got.said.whole
        assert expect["text"].startswith(got.text)


THINKING = [name for name in names(streamed=True) if recording(name)["expect"]["extra"]["reasoning"]]


@pytest.mark.parametrize("name", THINKING)
def test_reasoning_is_never_shown(name: str) -> None:
    assert recording(name)["expect"]["extra"]["reasoning"] not in read(name, body(name)).text


@missing
def test_the_recorded_exchanges_are_read_too() -> None:
    assert len(names()) > 48


def quoted() -> list[dict[str, object]]:
    if not FOLDER.is_dir():
        return []
    import json

    cases: list[dict[str, object]] = json.loads((FOLDER / "quoted_errors.json").read_text())["cases"]
    return [case for case in cases if "body" in case]


@pytest.mark.parametrize("case", quoted(), ids=lambda case: f"{case['provider']}-{case['status']}")
def test_a_quoted_error_is_read_for_its_kind(case: dict[str, object]) -> None:
    expect = case["expect"]
    assert isinstance(expect, dict)
    error = refusal(int(str(case["status"])), {}, str(case["body"]).encode())
    assert error.kind == {"insufficient_quota": "quota"}.get(expect["error_kind"], expect["error_kind"])
    assert error.retryable is expect["retryable"]
    assert error.retry_after == expect.get("wait_hint_s")
