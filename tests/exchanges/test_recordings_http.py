"""What providers really sent, over real connections: in pieces, compressed, cut; by the library and by llm_call."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from csuite.llm import conf
from csuite.llm.attempt import Trial
from csuite.llm.errors import LLMError
from csuite.llm.hold import Hold
from csuite.llm.lines import question
from csuite.llm.registry import route
from tests.exchanges.recordings import OWN, body, cuts, kind, names, recording
from tests.exchanges.replaying import replaying

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 20  # streams side by side
SHORT = 1_500  # bytes of a body that is sent in small pieces here; the others in the long loop
SAMPLE = [name for name in names(streamed=True) if (OWN / f"{name}.json").exists()]


@pytest_asyncio.fixture
async def replay() -> AsyncIterator[str]:
    async with replaying() as address:
        yield address


def line(address: str, name: str, **headers: Any) -> dict[str, Any]:
    """The question for an exchange, as llm_call reads it."""
    return {
        "provider": name.partition("/")[0],
        "model": "recorded",
        "messages": [{"role": "user", "content": "?"}],
        "stream": recording(name)["streamed"],
        "base_url": f"{address}/{name}",
        "headers": {f"x-{key}": str(value) for key, value in headers.items()},
    }


async def ask(asked: dict[str, Any]) -> tuple[Trial, LLMError | None]:
    """One attempt by the library."""
    read = question(json.dumps(asked).encode())
    trial = Trial(read.call, route(read.row, read.call, read.model, read.base_url), Hold(), 1, None, streamed=True)
    trial.streamed = read.streamed
    try:
        async with trial, aclosing(trial.run()) as texts:
            async for text in texts:
                trial.parts.append(text)
    except LLMError as error:
        return trial, error
    return trial, None


def check(name: str, trial: Trial, error: LLMError | None) -> None:
    expect, usage = recording(name)["expect"], trial.said.usage
    assert (trial.text(), trial.said.finish_reason) == (expect["text"], expect["finish_reason"]), name
    assert (error.kind if error else "") == kind(expect["error_kind"]), name
    counts = tuple(expect[f"{word}_tokens"] for word in ("prompt", "completion", "cached"))
    assert (usage.prompt, usage.completion, usage.cached) == counts, name
    calls = [(call.name, call.arguments) for call in trial.said.tool_calls]
    assert calls == [(call["name"], call["arguments"]) for call in expect["extra"]["tool_calls"]], name


async def check_all(address: str, exchanges: Iterable[str], **headers: Any) -> None:
    for name in exchanges:
        check(name, *await ask(line(address, name, **headers)))


@pytest.mark.parametrize("split", [1024, 0])
async def test_an_exchange_in_pieces_gives_what_is_expected(replay: str, transport: str, split: int) -> None:
    await check_all(replay, names(), **({"split": split} if split else {}))


async def test_a_short_exchange_in_small_pieces_gives_what_is_expected(replay: str, transport: str) -> None:
    await check_all(replay, [name for name in names() if len(body(name)) < SHORT], split=7)


@pytest.mark.long
@pytest.mark.parametrize("split", [1, 7])
async def test_every_exchange_in_small_pieces_gives_what_is_expected(replay: str, transport: str, split: int) -> None:
    await check_all(replay, names(), split=split)


async def test_a_compressed_exchange_gives_what_is_expected(replay: str, transport: str) -> None:
    await check_all(replay, SAMPLE, gzip=1, split=64)


async def check_cuts(address: str, name: str, places: Iterable[int], **headers: Any) -> None:
    """Never complete, and exactly the beginning of the text, whatever is left of the stream."""
    free = asyncio.Semaphore(AT_ONCE)

    async def at(place: int) -> None:
        async with free:
            trial, error = await ask(line(address, name, cut=place, **headers))
        assert error is not None, (name, place)
        assert not trial.said.whole, (name, place)
        assert recording(name)["expect"]["text"].startswith(trial.text()), (name, place)

    await asyncio.gather(*(at(place) for place in places))


@pytest.mark.parametrize("end", ["reset", "clean"])
async def test_a_stream_that_is_cut_anywhere_is_never_complete(replay: str, transport: str, end: str) -> None:
    for name in SAMPLE:
        await check_cuts(replay, name, cuts(name), end=end)


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in names(streamed=True) if name not in SAMPLE])
async def test_a_recorded_stream_that_is_cut_anywhere_is_never_complete(replay: str, transport: str, name: str) -> None:
    for end in ("reset", "clean"):
        await check_cuts(replay, name, cuts(name), end=end)
        await check_cuts(replay, name, cuts(name)[::20], end=end, split=97)


async def llm_call(lines: Sequence[dict[str, Any] | str]) -> list[dict[str, Any]]:
    """The answers of `manage.py llm_call` in an empty environment, with a database that is nowhere."""
    text = "".join(f"{asked if isinstance(asked, str) else json.dumps(asked)}\n" for asked in lines)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "manage.py",
        "llm_call",
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "CSUITE_ENV_FILE": os.devnull,
            "CSUITE_HOME": os.devnull + "/nowhere",
            "DATABASE_URL": "postgresql://nobody:x@127.0.0.1:9/nowhere",
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate(text.encode())
    assert process.returncode == 0, errors.decode()
    assert b"Traceback" not in errors, errors.decode()
    return [json.loads(answer) for answer in out.splitlines()]


def check_answer(name: str, answer: dict[str, Any]) -> None:
    expect = recording(name)["expect"]
    for field in ("text", "finish_reason", "prompt_tokens", "completion_tokens", "cached_tokens"):
        assert answer[field] == expect[field], (name, field)
    assert answer["error_kind"] == (kind(expect["error_kind"]) or None), name
    calls = [{"name": call["name"], "arguments": call["arguments"]} for call in answer["tool_calls"]]
    assert calls == expect["extra"]["tool_calls"], name
    assert (answer["ttft_ms"] is None) == (not recording(name)["streamed"] or not expect["text"]), name


@pytest.mark.parametrize("split", [1024, pytest.param(1, marks=pytest.mark.long)])
async def test_llm_call_gives_what_is_expected_of_every_exchange_without_any_setting(replay: str, split: int) -> None:
    answers = await llm_call([line(replay, name, split=split) for name in names()])
    assert len(answers) == len(names())
    for name, answer in zip(names(), answers, strict=True):
        check_answer(name, answer)


@pytest.mark.parametrize("step", [16, pytest.param(5, marks=pytest.mark.long)])
async def test_llm_call_never_calls_a_cut_stream_complete(replay: str, step: int) -> None:
    exchanges = SAMPLE if step > 5 else names(streamed=True)
    places = [(name, at, end) for name in exchanges for at in cuts(name) for end in ("reset", "clean")][::step]
    answers = await llm_call([line(replay, name, cut=at, end=end) for name, at, end in places])
    for (name, at, _), answer in zip(places, answers, strict=True):
        assert answer["error_kind"], (name, at)
        assert recording(name)["expect"]["text"].startswith(answer["text"]), (name, at)


def test_the_settings_of_this_process_are_not_changed_by_reading_a_line() -> None:
    before = conf.value("METER")
    question(json.dumps(line("http://127.0.0.1:9", SAMPLE[0])).encode())
    assert conf.value("METER") is before
