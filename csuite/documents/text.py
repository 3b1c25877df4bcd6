"""What text may hold, and where a link may lead: the same for pages and for files."""

import re
import unicodedata
from urllib.parse import urlsplit

# Characters that hide text or turn it around (THREATS T27), and the last private planes, in which conversations mark
# figures. Joiners stay: emoji and Persian need them.
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069"
    "\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
# Lone surrogates and non-characters: no file format holds them.
_IMPOSSIBLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
_HOST = re.compile(r"[\w.:-]+")
_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def visible(text: str) -> str:
    """The text without characters that hide or reorder what a reader sees."""
    return _HIDDEN.sub("", text)


def writable(text: str) -> str:
    """Visible text that every format can hold; what none can is shown as a replacement character."""
    return _IMPOSSIBLE.sub("\ufffd", visible(text))


def host_of(address: str) -> str | None:
    """The host of an absolute http(s) address, "" for mailto, None for what must not become a link."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme == "mailto":
        return ""
    return host if parts.scheme in ("http", "https") and _HOST.fullmatch(host) else None


def direction(text: str) -> str:
    """`rtl` where the first letter is read from right to left, else `ltr`."""
    for character in text:
        found = _STRONG.get(unicodedata.bidirectional(character))
        if found:
            return found
    return "ltr"
