"""What is told of a key without the key: its age, where it lies in a file, and a mark that two of the same share."""

import os
from datetime import UTC, datetime
from pathlib import Path

import httpcore
import pytest

from csuite.llm.guarding import PublicBackend
from csuite.llm.keys import Key, changed_at


def test_a_mark_is_the_same_for_the_same_key_and_secret_only() -> None:
    mark = Key("sk-one").mark("secret")
    assert mark == Key("sk-one").mark("secret")
    assert len({mark, Key("sk-two").mark("secret"), Key("sk-one").mark("another")}) == 3
    assert "sk-one" not in mark


def test_the_age_of_a_key_is_that_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_text("sk-one")
    os.utime(file, (1_000_000_000, 1_000_000_000))
    assert changed_at("FAKE_API_KEY") is None
    monkeypatch.setenv("FAKE_API_KEY_FILE", str(file))
    assert changed_at("FAKE_API_KEY") == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)
    monkeypatch.setenv("FAKE_API_KEY", "sk-two")  # this one is used, and nobody knows its age
    assert changed_at("FAKE_API_KEY") is None
    monkeypatch.delenv("FAKE_API_KEY")
    file.unlink()
    assert changed_at("FAKE_API_KEY") is None


async def test_a_guarded_connection_is_to_no_name_that_leads_nowhere_and_to_no_file() -> None:
    with pytest.raises(httpcore.ConnectError):
        await PublicBackend().connect_tcp("no-such-host.invalid", 443)
    with pytest.raises(httpcore.ConnectError):
        await PublicBackend().connect_unix_socket("/run/model.sock")
    await PublicBackend().sleep(0)
