"""How to start PostgreSQL, which refuses to run as root, from whoever we are.

A normal user runs it directly. Root runs it in a user namespace where root carries nobody's number: the
files stay root's own and no other account needs to reach them. Where namespaces are forbidden (some
containers) root hands the data to user nobody, if nobody can reach the folders at all.
"""

import functools
import os
import pwd
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csuite.server.errors import StartError


@dataclass(frozen=True)
class RunAs:
    """A command prefix, keywords for subprocess, and who must own the files (None: who we are already)."""

    prefix: tuple[str, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    uid: int | None = None

    def own(self, path: Path) -> None:
        """Give `path` to the account that PostgreSQL runs as."""
        if self.uid is not None:
            os.chown(path, self.uid, -1)


def run_as(data: Path, programs: Path) -> RunAs:
    """The way to run `programs` on `data`; existing data decides by its owner. Raises StartError."""
    if os.geteuid() != 0:
        return RunAs()
    owner = data.stat().st_uid if data.exists() else None
    nobody = pwd.getpwnam("nobody")
    if owner != nobody.pw_uid and namespaces_work(nobody.pw_uid):
        return RunAs(("unshare", "--user", f"--map-user={nobody.pw_uid}", "--"))
    if owner == 0:
        raise StartError(
            f"{data} was made by root in a user namespace, which this system does not allow now; "
            "start csuite as a normal user with another CSUITE_HOME, or set DATABASE_URL"
        )
    for path in (data.parent, programs):
        _refuse_what_nobody_cannot_reach(path, data.parent)
    keywords = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return RunAs((), keywords, nobody.pw_uid)


@functools.cache
def namespaces_work(uid: int) -> bool:
    """Whether root may become `uid` in a user namespace here."""
    try:
        command = ["unshare", "--user", f"--map-user={uid}", "--", "true"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _refuse_what_nobody_cannot_reach(path: Path, home: Path) -> None:
    """Each folder on the way must let others through; the home we open ourselves (its files stay 0600)."""
    for folder in (path, *path.parents):
        if folder != home and not folder.stat().st_mode & 0o001:
            raise StartError(
                f"PostgreSQL does not run as root, and user nobody cannot enter {folder}; "
                "start csuite as a normal user, move it, or set DATABASE_URL"
            )
    if path == home:
        home.chmod(0o711)
