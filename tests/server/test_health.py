"""/healthz and /readyz: open to everybody, and saying nothing else."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from csuite.server import drain
from csuite.server.home import ROOT


@pytest.fixture
def unreachable() -> Iterator[None]:
    """The web role's connection leads nowhere."""
    host = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nonexistent"
    yield
    connection.close()
    connection.settings_dict["HOST"] = host


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "word"), [("/healthz", b"ok\n"), ("/readyz", b"ready\n")])
def test_anybody_may_ask_and_hears_one_word(client: Client, path: str, word: bytes) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (200, word)
    assert "no-store" in answer["Cache-Control"]
    assert "Set-Cookie" not in answer


@pytest.mark.django_db(transaction=True)
def test_without_a_database_the_process_lives_but_is_not_ready(client: Client, unreachable: None) -> None:
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")


@pytest.mark.django_db
def test_a_process_that_leaves_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "_draining", False)
    asyncio.run(drain.drain([]))
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


async def test_a_drain_hook_that_fails_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain, "_draining", False)
    monkeypatch.setattr(drain, "MARGIN", 0.05)
    done = []

    async def fails(seconds: float) -> None:
        raise RuntimeError("no")

    async def hangs(seconds: float) -> None:
        await asyncio.Event().wait()

    async def works(seconds: float) -> None:
        done.append(seconds)

    await drain.drain([fails, hangs, works], 0.05)
    assert done == [0.05]
    assert drain.is_draining()


def test_any_command_names_a_bad_setting_in_one_line() -> None:
    command = [sys.executable, "manage.py", "check"]
    said = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"DEBUG": "perhaps"}, capture_output=True, text=True, check=False
    )
    assert said.returncode == 1
    assert said.stderr == "csuite: DEBUG must be true or false, not 'perhaps'\n"
