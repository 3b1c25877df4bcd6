"""Typed settings from the environment.

Every helper answers with the default when the variable is unset or empty, and raises BadSetting with a
sentence naming the variable when its value cannot be read. Nothing here imports Django: this runs first.
"""

import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import urlsplit

from csuite.server.errors import StartError

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


class BadSetting(StartError):
    """A setting whose value cannot be used; the message is one line for the person who set it."""


def read_file(path: Path) -> None:
    """Take over NAME=value lines of CSUITE_ENV_FILE (default: `path`, if it is there).

    What the environment already says wins. Quotes around a value are removed; # starts a comment line.
    """
    named = _value("CSUITE_ENV_FILE")
    file = Path(named) if named else path
    if not named and not file.exists():
        return
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"cannot read {file}: {getattr(error, 'strerror', None) or 'not text'}") from None
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.removeprefix("export ").partition("=")
        if not equals or not name.strip().isidentifier():
            raise BadSetting(f"{file}, line {number}: expected NAME=value")
        value = value.strip()
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        os.environ.setdefault(name.strip(), value[1:-1] if quoted else value)


def _value(name: str) -> str | None:
    value = os.environ.get(name, "").strip()
    return value or None


def text(name: str, default: str) -> str:
    """The variable as it is, without surrounding blanks."""
    return _value(name) or default


def integer(name: str, default: int, *, low: int = 0, high: int = 2**31 - 1) -> int:
    """A whole number within [low, high]."""
    value = _value(name)
    if value is None:
        return default
    try:
        number = int(value)
    except ValueError:
        raise BadSetting(f"{name} must be a whole number, not {value!r}") from None
    if not low <= number <= high:
        raise BadSetting(f"{name} must lie between {low} and {high}, not {number}")
    return number


def decimal(name: str, default: str) -> Decimal:
    """A finite decimal number; the default is written as text so that it is exact."""
    value = _value(name) or default
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadSetting(f"{name} must be a number, not {value!r}") from None
    if not number.is_finite():
        raise BadSetting(f"{name} must be a finite number, not {value!r}")
    return number


def boolean(name: str, default: bool) -> bool:
    """1/true/yes/on or 0/false/no/off; anything else is an error, so that a typo never means "off"."""
    value = _value(name)
    if value is None:
        return default
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise BadSetting(f"{name} must be true or false, not {value!r}")


def url(name: str, default: str) -> str:
    """An http or https address without a trailing slash."""
    value = (_value(name) or default).rstrip("/")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise BadSetting(f"{name} must be an http or https address, not {value!r}")
    return value


def secret(name: str) -> str | None:
    """The variable, or the contents of the file that <name>_FILE names; both at once is an error.

    The value itself never appears in an error message.
    """
    value, file = _value(name), _value(f"{name}_FILE")
    if value and file:
        raise BadSetting(f"{name} and {name}_FILE are both set; keep one")
    if not file:
        return value
    try:
        content = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise BadSetting(f"{name}_FILE: cannot read {file}: {reason}") from None
    if not content:
        raise BadSetting(f"{name}_FILE: {file} is empty")
    return content
