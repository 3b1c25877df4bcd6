"""Settings fail at start, with the name of the variable and never with a secret."""

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from csuite.server import env


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets X."""
    monkeypatch.delenv("X", raising=False)
    monkeypatch.delenv("X_FILE", raising=False)
    return lambda value: monkeypatch.setenv("X", value)


@pytest.mark.parametrize("word", ["1", "true", "YES", "on"])
def test_words_for_true(shell: Callable[[str], None], word: str) -> None:
    shell(word)
    assert env.boolean("X", False) is True


@pytest.mark.parametrize("word", ["0", "false", "No", "off"])
def test_words_for_false(shell: Callable[[str], None], word: str) -> None:
    shell(word)
    assert env.boolean("X", True) is False


def test_unset_and_empty_mean_the_default(shell: Callable[[str], None]) -> None:
    for value in ("", "  "):
        shell(value)
        assert env.text("X", "a") == "a"
        assert env.integer("X", 7) == 7
        assert env.decimal("X", "0.7") == Decimal("0.7")
        assert env.boolean("X", True) is True
        assert env.url("X", "http://a.example/") == "http://a.example"
        assert env.secret("X") is None


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda: env.boolean("X", False), "ture"),
        (lambda: env.integer("X", 1), "eight"),
        (lambda: env.integer("X", 1, high=65535), "70000"),
        (lambda: env.decimal("X", "1"), "nan"),
        (lambda: env.decimal("X", "1"), "1,5"),
        (lambda: env.url("X", ""), "csuite.example"),
        (lambda: env.url("X", ""), "ftp://csuite.example"),
        (lambda: env.url("X", ""), "http://host:port"),
    ],
)
def test_a_bad_value_is_named(shell: Callable[[str], None], read: Callable[[], object], value: str) -> None:
    shell(value)
    with pytest.raises(env.BadSetting, match=r"^X "):
        read()


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    monkeypatch.setenv("X_FILE", str(tmp_path / "key"))
    assert env.secret("X") == "s3cret"
    monkeypatch.setenv("X", "other")
    with pytest.raises(env.BadSetting) as caught:
        env.secret("X")
    assert "other" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_an_unreadable_secret_file_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv("X_FILE", str(tmp_path / "key"))
    with pytest.raises(env.BadSetting, match="X_FILE"):
        env.secret("X")


def test_the_file_fills_in_what_the_shell_does_not_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\n\nexport X='from file'\nY=from file\nZ=\n")
    for name in ("CSUITE_ENV_FILE", "X", "Z"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setenv("Y", "from shell")
    env.read_file(file)
    assert (os.environ["X"], os.environ["Y"], os.environ["Z"]) == ("from file", "from shell", "")


def test_a_line_that_sets_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CSUITE_ENV_FILE", raising=False)
    (tmp_path / ".env").write_text("X=1\nno equals sign\n")
    monkeypatch.setenv("X", "1")
    with pytest.raises(env.BadSetting, match="line 2"):
        env.read_file(tmp_path / ".env")
