"""Homes and clusters of their own for the tests of the server; everything started is ended."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from csuite.server.home import Home
from csuite.server.postgres import Cluster


@pytest.fixture
def new_cluster() -> Iterator[Callable[[Home], Cluster]]:
    """Makes clusters, and at the end stops their servers and removes their socket folders."""
    made: list[Cluster] = []

    def make(home: Home) -> Cluster:
        made.append(Cluster(home))
        return made[-1]

    yield make
    for cluster in made:
        cluster.stop()
    for cluster in made:
        shutil.rmtree(cluster.home.socket_folder, ignore_errors=True)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that was not created yet."""
    return Home(tmp_path / "home")


@pytest.fixture
def cluster(home: Home, new_cluster: Callable[[Home], Cluster]) -> Cluster:
    """A started server on `home`."""
    home.create()
    cluster = new_cluster(home)
    cluster.start()
    return cluster


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to act as another user")
