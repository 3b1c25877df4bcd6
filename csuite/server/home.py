"""CSUITE_HOME: the one folder that holds what csuite keeps (database, secrets, queue).

Importing settings creates nothing: until `create()` has run, the accessors answer with placeholders that
let checks pass and open nothing. Nothing here imports Django.
"""

import errno
import functools
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from csuite.server import env
from csuite.server.errors import StartError

ROOT = Path(__file__).resolve().parents[2]
MARKER = ".csuite-home"
MARKER_TEXT = "This folder belongs to csuite: database, secrets and queue. Version 1.\n"
DATABASE = "csuite"
OWNER, WEB, OPS = "csuite_owner", "csuite_web", "csuite_ops"
# /tmp and not TMPDIR: every process of this user must compute the same short path (the limit is 107 bytes).
SOCKET_ROOT = Path("/tmp")  # noqa: S108 - the folder below it is ours alone, 0700, and checked


@dataclass(frozen=True)
class Urls:
    """postgresql:// addresses of the embedded database, one per role; listen is for LISTEN (web role)."""

    web: str
    owner: str
    ops: str
    listen: str


@dataclass(frozen=True)
class Secrets:
    """What the secrets file holds: the signing key and one database password per role."""

    secret_key: str
    owner: str
    web: str
    ops: str

    @classmethod
    def random(cls) -> "Secrets":
        return cls(secrets.token_urlsafe(50), *(secrets.token_urlsafe(24) for _ in range(3)))


class Home:
    """The folder of one installation; `path` is absolute and resolved."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).expanduser().resolve()
        self.secrets_file = self.path / "secrets.json"
        self.postgres = self.path / "postgres"
        self.queue = self.path / "queue"
        self.lock_file = self.path / "lock"

    @classmethod
    def from_environ(cls) -> "Home":
        """CSUITE_HOME, or ./var beside manage.py."""
        return cls(env.text("CSUITE_HOME", str(ROOT / "var")))

    @property
    def socket_folder(self) -> Path:
        """Where the database listens: short, and the same for every process of this user and home."""
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return SOCKET_ROOT / f"csuite-{os.geteuid()}-{name}"

    def exists(self) -> bool:
        with one_line(self.path):
            return self.secrets_file.exists()

    def create(self) -> None:
        """Make the folder and its secrets unless they are there. Raises StartError, one line."""
        with one_line(self.path):
            self._refuse_a_foreign_folder()
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(self.path / MARKER, MARKER_TEXT, 0o600)
            write_once(self.secrets_file, json.dumps(vars(Secrets.random())) + "\n", 0o600)
            self.path.chmod(0o700)
            for folder in (self.queue, self.queue / "control", self.path / "static"):
                folder.mkdir(mode=0o700, exist_ok=True)

    def secret_key(self) -> str:
        """The signing key; before `create()` a random one that lives as long as this object."""
        return self._secrets.secret_key

    def database_urls(self) -> Urls:
        """Addresses of the embedded database over its socket; before `create()` they open nothing."""
        known = self._secrets
        return Urls(
            web=self.database_url(WEB, known.web),
            owner=self.database_url(OWNER, known.owner),
            ops=self.database_url(OPS, known.ops),
            listen=self.database_url(WEB, known.web),
        )

    def database_url(self, role: str, password: str, database: str = DATABASE) -> str:
        """The address of `database` as `role`, through the socket folder."""
        host = quote(str(self.socket_folder), safe="")
        return f"postgresql://{role}:{quote(password, safe='')}@/{database}?host={host}"

    def passwords(self) -> dict[str, str]:
        """Role name to password."""
        return {OWNER: self._secrets.owner, WEB: self._secrets.web, OPS: self._secrets.ops}

    @property
    def _secrets(self) -> Secrets:
        return self._stored() if self.exists() else self._placeholder

    @functools.cached_property
    def _placeholder(self) -> Secrets:
        return Secrets.random()

    def _stored(self) -> Secrets:
        with one_line(self.secrets_file):
            content = self.secrets_file.read_text(encoding="utf-8")
        try:
            return Secrets(**json.loads(content))
        except (ValueError, TypeError):
            raise StartError(
                f"{self.secrets_file} is damaged; restore it from a backup (it holds the database passwords)"
            ) from None

    def _refuse_a_foreign_folder(self) -> None:
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise StartError(f"{self.path} is a file; set CSUITE_HOME to a folder")
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise StartError(
                f"{self.path} belongs to user {owner}; start csuite as that user or set CSUITE_HOME to another folder"
            )
        # A draft of the marker is what a first start leaves that was killed in its first millisecond.
        if not (self.path / MARKER).exists() and any(MARKER not in file.name for file in self.path.iterdir()):
            raise StartError(
                f"{self.path} is not empty and not a folder of csuite; set CSUITE_HOME to an empty or new folder"
            )


def write_once(path: Path, content: str, mode: int) -> None:
    """Write the file whole or not at all; if it is there already (perhaps since a moment ago), keep it."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def one_line(path: Path) -> Iterator[None]:
    """Turn what the operating system says about a file into one line."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StartError(f"no space left on the disk that holds {path}; free some or set CSUITE_HOME") from None
        raise StartError(f"cannot use {path}: {error.strerror}; set CSUITE_HOME to a folder you can write") from None
