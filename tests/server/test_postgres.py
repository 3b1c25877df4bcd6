"""The embedded PostgreSQL: started, adopted, recovered and refused."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from csuite.server.errors import StartError
from csuite.server.home import DATABASE, OWNER, WEB, Home
from csuite.server.postgres import Cluster
from csuite.server.roles import ensure_database

Make = Callable[[Home], Cluster]


def kill(cluster: Cluster) -> None:
    """kill -9 of the postmaster, which leaves its pid file."""
    os.kill(cluster.pid, signal.SIGKILL)
    while cluster.alive():
        time.sleep(0.01)


def remember(cluster: Cluster) -> None:
    with cluster.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")


def remembered(cluster: Cluster) -> object:
    with cluster.connect() as connection:
        row = connection.execute("SELECT answer FROM kept").fetchone()
    return row and row[0]


def refusal(cluster: Cluster) -> str:
    with pytest.raises(StartError) as caught:
        cluster.start()
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_stopped_server_keeps_its_data_and_leaves_no_process(cluster: Cluster, new_cluster: Make) -> None:
    remember(cluster)
    children = psutil.Process(cluster.pid).children(recursive=True)
    cluster.stop()
    assert not [child for child in children if child.is_running()]
    again = new_cluster(cluster.home)
    again.start()
    assert remembered(again) == 42
    assert not again.adopted


def test_it_listens_on_its_socket_alone_and_asks_for_the_password(cluster: Cluster) -> None:
    listening = [c for c in psutil.Process(cluster.pid).net_connections("inet") if c.status == "LISTEN"]
    assert listening == []
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(cluster.home.database_url("csuite_ops", "wrong", "postgres"))


def test_the_socket_folder_is_private_and_short(cluster: Cluster) -> None:
    folder = cluster.home.socket_folder
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(os.fsencode(folder / ".s.PGSQL.5432")) < 107


def test_a_running_server_whose_starter_is_gone_is_adopted(cluster: Cluster, new_cluster: Make) -> None:
    again = new_cluster(cluster.home)
    again.start()
    assert (again.pid, again.adopted) == (cluster.pid, True)
    again.stop()
    assert not cluster.alive()


def test_a_killed_server_recovers_what_was_committed(cluster: Cluster, new_cluster: Make) -> None:
    remember(cluster)
    kill(cluster)
    again = new_cluster(cluster.home)
    again.start()
    assert remembered(again) == 42


def test_a_killed_server_is_started_again_by_the_same_owner(cluster: Cluster) -> None:
    remember(cluster)
    kill(cluster)
    assert not cluster.alive()
    cluster.start()
    assert remembered(cluster) == 42


@pytest.mark.parametrize("other", [1, os.getppid(), os.getpid()], ids=["init", "parent", "us"])
def test_a_pid_file_whose_number_belongs_to_somebody_else_is_stale(
    cluster: Cluster, other: int, new_cluster: Make
) -> None:
    remember(cluster)
    file = cluster.data / "postmaster.pid"
    lines = file.read_text().splitlines()
    cluster.stop()
    file.write_text("\n".join([str(other), *lines[1:]]) + "\n")
    cluster.home.socket_folder.mkdir(mode=0o700)
    (cluster.home.socket_folder / ".s.PGSQL.5432.lock").write_text(f"{other}\n")
    again = new_cluster(cluster.home)
    again.start()
    assert remembered(again) == 42


def test_a_server_whose_socket_was_swept_away_is_replaced(cluster: Cluster, new_cluster: Make) -> None:
    remember(cluster)
    shutil.rmtree(cluster.home.socket_folder)
    again = new_cluster(cluster.home)
    again.start()
    assert remembered(again) == 42
    assert not cluster.alive()


def test_a_moved_home_takes_its_running_server_along(cluster: Cluster, tmp_path: Path, new_cluster: Make) -> None:
    remember(cluster)
    old = cluster.home.socket_folder
    moved = Home(cluster.home.path.rename(tmp_path / "moved"))
    again = new_cluster(moved)
    again.start()
    assert remembered(again) == 42
    assert not old.exists() or not list(old.iterdir())


def test_another_major_version_is_refused_and_left_alone(cluster: Cluster, new_cluster: Make) -> None:
    cluster.stop()
    version = cluster.data / "PG_VERSION"
    version.write_text("16\n")
    before = sorted(str(file) for file in cluster.data.rglob("*"))
    message = refusal(new_cluster(cluster.home))
    assert "PostgreSQL 16" in message
    assert "pg_dump" in message
    assert sorted(str(file) for file in cluster.data.rglob("*")) == before
    assert version.read_text() == "16\n"


def test_an_interrupted_creation_is_started_over(home: Home, new_cluster: Make) -> None:
    home.create()
    half = home.path / "postgres.draft.left"
    (half / "data").mkdir(parents=True)
    cluster = new_cluster(home)
    cluster.start()
    assert cluster.alive()
    assert not half.exists()


def test_a_data_folder_that_is_not_ours_is_refused(home: Home, new_cluster: Make) -> None:
    home.create()
    home.postgres.mkdir()
    (home.postgres / "holiday.jpg").touch()
    assert "not a database of csuite" in refusal(new_cluster(home))
    assert (home.postgres / "holiday.jpg").exists()


def test_a_socket_folder_that_others_may_enter_is_refused(home: Home, new_cluster: Make) -> None:
    home.create()
    home.socket_folder.mkdir(mode=0o755)
    assert "not a private folder of ours" in refusal(new_cluster(home))


def test_a_socket_folder_that_is_a_link_is_refused(home: Home, tmp_path: Path, new_cluster: Make) -> None:
    home.create()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    home.socket_folder.symlink_to(tmp_path / "elsewhere")
    try:
        assert "not a private folder of ours" in refusal(new_cluster(home))
    finally:
        home.socket_folder.unlink()


def test_a_home_with_a_long_path_works(tmp_path: Path, new_cluster: Make) -> None:
    home = Home(tmp_path / ("long" * 30) / ("longer" * 30))
    home.create()
    cluster = new_cluster(home)
    cluster.start()
    remember(cluster)
    assert remembered(cluster) == 42


def test_a_database_that_cannot_start_says_why_in_one_line(cluster: Cluster, new_cluster: Make) -> None:
    cluster.stop()
    (cluster.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    assert "the database did not start" in refusal(new_cluster(cluster.home))
    (cluster.data / "postgresql.conf").write_text("")


def test_the_three_roles_have_their_rights_and_no_more(cluster: Cluster) -> None:
    passwords = cluster.home.passwords()
    ensure_database(cluster.connect, passwords)
    ensure_database(cluster.connect, passwords)
    with cluster.connect(DATABASE) as connection:
        rights = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname LIKE 'csuite%' ORDER BY 1"
        ).fetchall()
        owner = connection.execute(
            "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        vector = connection.execute("SELECT '[1,2]'::vector <-> '[1,3]'").fetchone()
    assert rights == [
        ("csuite_ops", True, True, True, True),
        (OWNER, False, False, False, False),
        (WEB, False, False, False, False),
    ]
    assert owner == (OWNER,)
    assert vector == (1.0,)
    with psycopg.connect(cluster.home.database_urls().web) as web, pytest.raises(psycopg.Error):
        web.execute("CREATE TABLE not_mine (id int)")
