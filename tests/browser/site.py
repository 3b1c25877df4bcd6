"""What browser tests drive: our web process on the test database, and the fake provider that answers it."""

import json
import shutil
import time
import urllib.request
from typing import Any

from django.db import connection

from tests.conversations.talk import session_cookie
from tests.webprocess import WebProcess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str:
    """The system's browser. Raises with what to do when there is none: a skipped browser test proves nothing."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise RuntimeError("browser tests need Chromium: install it, for instance with `apt-get install chromium`")


class Site:
    """One web process; `say` tells the provider its next answer, `journal` what it saw."""

    def __init__(self, provider: str, model: str) -> None:
        self.provider = provider.removesuffix("/v1")
        self.web = WebProcess(provider, model)

    @property
    def url(self) -> str:
        return self.web.url

    def say(self, *answers: dict[str, Any] | str) -> None:
        """Pieces of text are streamed one by one; see tests/fake_provider/script.py for the fields."""
        said = [{"text": answer} if isinstance(answer, str) else answer for answer in answers]
        self._ask("POST", "/script", {"answers": said})

    def journal(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self._ask("GET", "/journal")
        return entries

    def forget(self) -> None:
        self._ask("DELETE", "/journal")

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.provider + path, data, method=method)) as reply:
            text = reply.read()
        return json.loads(text) if text else None


BUSY = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state IN ('active', 'idle in transaction')"""


def wait_until_quiet() -> None:
    """Until the web process is in no transaction: emptying the tables under one would be a deadlock."""
    quiet = 0
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(BUSY)
            quiet = 0 if cursor.fetchone()[0] else quiet + 1
        if quiet == 3:
            return
        time.sleep(0.03)


def pieces(text: str, size: int = 1) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


__all__ = ["Site", "chromium", "pieces", "session_cookie", "wait_until_quiet"]
