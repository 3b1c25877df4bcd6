"""A provider key is sent, and is seen nowhere else."""

import json
import logging
import os
import pickle
import traceback
from pathlib import Path
from typing import Any

import pytest

from csuite import llm
from csuite.llm import keys
from csuite.llm.errors import Unauthenticated
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import hear, primary, question
from tests.llm.conftest import KeepingMeter

CANARY = "sk-CANARY-4f9a1d7c2b"


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("FAKE_API_KEY", CANARY)
    return CANARY


async def test_the_key_is_sent_and_read_at_each_call(
    fake_provider: FakeProvider, canary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with primary(fake_provider, key_name="FAKE_API_KEY", key_wanted=True):
        await hear()
        monkeypatch.setenv("FAKE_API_KEY", "another")
        await hear()
    first, second = fake_provider.requests
    assert first.auth
    assert first.auth != second.auth


@pytest.mark.usefixtures("transport")
@pytest.mark.parametrize(
    "fault",
    ["400", "401", "429", "hang", "stall", "cut", "fin", "errchunk", "html", "gone"],
)
async def test_no_error_no_log_and_no_traceback_with_locals_shows_the_key(
    fake_provider: FakeProvider, meter: KeepingMeter, canary: str, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    limits: dict[str, Any] = {"first_byte": 0.15, "between": 0.15} if fault in ("hang", "stall") else {}
    with primary(fake_provider, f"fake-8t-1ms-x{fault}", key_name="FAKE_API_KEY", key_wanted=True, **limits):
        error = (await hear()).error
    assert error is not None
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    kept = pickle.dumps(error)
    again = pickle.loads(kept)
    assert (str(again), again.kind, again.code) == (str(error), error.kind, error.code)
    booked = repr(meter.attempts) + repr(meter.events) + repr(llm.stats())
    assert CANARY not in shown + kept.decode("latin-1") + booked + caplog.text + repr(error.__dict__)


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
async def test_a_provider_that_echoes_the_key_does_not_get_it_into_the_error(
    fake_provider: FakeProvider, canary: str, status: int
) -> None:
    body = json.dumps({"error": {"message": f"the key {CANARY} is wrong", "type": "x"}})
    fake_provider.say(Answer(status=status, body=body))
    with primary(fake_provider, key_name="FAKE_API_KEY", key_wanted=True):
        error = (await hear()).error
    assert error is not None
    assert CANARY not in str(error) + repr(error) + str(error.args)


async def test_without_a_key_that_is_wanted_nothing_is_sent(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    with primary(fake_provider, key_name="FAKE_API_KEY", key_wanted=True):
        heard = await hear()
    assert heard.kind == "authentication"
    assert fake_provider.requests == []
    assert [attempt.error_kind for attempt in meter.attempts] == ["authentication"]


def test_a_key_hides_itself() -> None:
    key = keys.Key(CANARY)
    assert CANARY not in f"{key} {key!r}"
    assert key.last4 == CANARY[-4:]
    assert keys.Key("short").last4 == ""
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_a_key_comes_from_a_file_and_is_read_again_when_the_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text("first\n")
    monkeypatch.setenv("FAKE_API_KEY_FILE", str(file))
    assert (found := keys.find("FAKE_API_KEY"))
    assert found.reveal() == "first"
    file.write_text("second\n")
    os.utime(file, ns=(1, 1))
    assert (found := keys.find("FAKE_API_KEY"))
    assert found.reveal() == "second"
    file.write_text("")
    os.utime(file, ns=(2, 2))
    assert keys.find("FAKE_API_KEY") is None
    file.unlink()
    with pytest.raises(Unauthenticated, match="FAKE_API_KEY_FILE cannot be read"):
        keys.find("FAKE_API_KEY")


async def test_labels_never_leave_the_house(fake_provider: FakeProvider) -> None:
    labels = {"tenant": "tenant-id-9", "user": "alice@acme.example", "persona": "cfo"}
    with primary(fake_provider):
        await hear(question(labels=labels, facts={"margin": 41}))
    (seen,) = fake_provider.requests
    assert set(seen.body) == {"model", "messages", "max_tokens", "temperature", "stream", "stream_options"}
    assert not [value for value in labels.values() if value in json.dumps([seen.body, seen.headers])]
