"""CSUITE_HOME: what it creates, what it refuses, what it never shows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from csuite.server.errors import StartError
from csuite.server.home import ROOT, Home
from tests.server.conftest import needs_root


def refusal(home: Home) -> str:
    with pytest.raises(StartError) as caught:
        home.create()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_is_created_by_asking(home: Home) -> None:
    home.secret_key()
    home.database_urls()
    assert not home.path.exists()


def test_checks_create_no_home(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import csuite.settings"]
    environment = os.environ | {"CSUITE_HOME": str(tmp_path / "home")}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    assert not (tmp_path / "home").exists()


def test_folder_and_secrets_are_for_their_owner_alone(home: Home) -> None:
    home.create()
    assert home.path.stat().st_mode & 0o777 == 0o700
    assert home.secrets_file.stat().st_mode & 0o777 == 0o600


def test_secrets_stay_the_same_from_start_to_start(home: Home) -> None:
    home.create()
    first = (home.secret_key(), home.database_urls())
    home.create()
    assert (Home(home.path).secret_key(), Home(home.path).database_urls()) == first
    assert len(set(home.passwords().values())) == 3


def test_before_the_first_start_the_signing_key_is_random_per_process(tmp_path: Path) -> None:
    assert Home(tmp_path / "a").secret_key() != Home(tmp_path / "a").secret_key()


def test_a_folder_with_somebody_elses_files_is_refused_and_untouched(home: Home) -> None:
    home.path.mkdir()
    (home.path / "thesis.txt").write_text("years of work")
    assert "not a folder of csuite" in refusal(home)
    assert [file.name for file in home.path.iterdir()] == ["thesis.txt"]


def test_an_empty_folder_is_taken(home: Home) -> None:
    home.path.mkdir()
    home.create()
    assert home.exists()


def test_a_creation_that_was_killed_is_taken_up_again(home: Home) -> None:
    home.path.mkdir()
    (home.path / "..csuite-home.123.abcd").touch()
    home.create()
    assert home.exists()


def test_a_file_is_refused(home: Home) -> None:
    home.path.touch()
    assert "is a file" in refusal(home)


def test_a_path_that_is_too_long_is_refused_in_one_line(tmp_path: Path) -> None:
    assert "too long" in refusal(Home(tmp_path / ("x" * 300)))


@needs_root
def test_another_users_folder_is_refused(home: Home) -> None:
    home.path.mkdir()
    os.chown(home.path, 65534, 65534)
    assert "belongs to user 65534" in refusal(home)


def test_damaged_secrets_are_named_and_not_replaced(home: Home) -> None:
    home.create()
    home.secrets_file.write_text("{")
    with pytest.raises(StartError, match="is damaged"):
        home.secret_key()
    assert home.secrets_file.read_text() == "{"
