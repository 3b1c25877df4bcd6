"""Provider keys: from the environment or the file that <NAME>_FILE names, read when a call is made.

A key never becomes a plain variable of ours: `Key` shows its last four characters only, so that no log, no
page and no traceback with local variables can show more. It is opened in one place, where the header is made.
"""

import hmac
import os
from datetime import UTC, datetime
from pathlib import Path

from csuite.llm.errors import Unauthenticated

_files: dict[str, tuple[tuple[int, int], "Key"]] = {}


class Key:
    """A secret that hides itself."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def __repr__(self) -> str:
        return f"Key(…{self.last4})"

    __str__ = __repr__

    @property
    def last4(self) -> str:
        """What a page may show; nothing of a short key."""
        return self.__value[-4:] if len(self.__value) >= 12 else ""

    def reveal(self) -> str:
        """The secret itself, for the one place that sends it."""
        return self.__value

    def scrub(self, text: str) -> str:
        """The text without the secret."""
        return text.replace(self.__value, "[key]") if self.__value else text

    def mark(self, secret: str) -> str:
        """A keyed hash: the same for the same key and secret, and of no use without the secret."""
        return hmac.new(secret.encode(), self.__value.encode(), "sha256").hexdigest()

    def __reduce__(self) -> tuple[type["Key"], tuple[str]]:
        raise TypeError("a key is not stored")


def find(name: str) -> Key | None:
    """The key in variable `name` or in the file of `name`_FILE; None where neither is set.

    The file is read again when it changes. Raises Unauthenticated if it is named and cannot be read.
    """
    value = os.environ.get(name, "").strip()
    if value:
        return Key(value)
    file = os.environ.get(f"{name}_FILE", "").strip()
    return _from_file(name, file) if file else None


def changed_at(name: str) -> datetime | None:
    """When the file of the key was written last; None for a key that is in the environment itself, or nowhere."""
    file = "" if os.environ.get(name, "").strip() else os.environ.get(f"{name}_FILE", "").strip()
    try:
        return datetime.fromtimestamp(Path(file).stat().st_mtime, UTC) if file else None
    except OSError:
        return None


def _from_file(name: str, file: str) -> Key | None:
    try:
        state = Path(file).stat()
        stamp = (state.st_mtime_ns, state.st_ino)
        known = _files.get(file)
        if known is None or known[0] != stamp:
            known = (stamp, Key(Path(file).read_text(encoding="utf-8").strip()))
            _files[file] = known
    except (OSError, UnicodeDecodeError):
        raise Unauthenticated(f"{name}_FILE cannot be read") from None
    return known[1] if known[1].reveal() else None
