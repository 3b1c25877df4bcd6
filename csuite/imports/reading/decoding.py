"""From bytes to text: UTF-8 with or without its mark, UTF-16, else what old office programs write."""

import codecs
import re

from csuite.imports.reading.table import Refused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_UNUSED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")  # no character in Windows-1252
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")


def decode(data: bytes) -> tuple[str, str]:
    """(text, name of the encoding). Raises Refused for what is no text, or two encodings in one file."""
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            rest = data[len(mark) :] if codec == "utf-8" else data
            return _strictly(rest, codec, name), name
    wide = _without_mark(data)
    if wide:
        return _strictly(data, wide, "UTF-16"), "UTF-16"
    found = _CONTROLS.search(data)
    if found:
        what = "a NUL character" if found[0] == b"\x00" else "a control character"
        raise Refused(f"There is {what}, so this is no text file.", _row(data, found.start()))
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        return _old(data, error.start)


def _without_mark(data: bytes) -> str:
    """Which UTF-16 a text without a mark is: every second byte of Latin text is zero."""
    head = data[:2000]
    half = len(head) // 2
    if half < 8 or len(data) % 2:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > half * 0.4 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.4 and not odd else ""


def _strictly(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        row = _row(data, error.start) if codec == "utf-8" else None
        raise Refused(f"The file says that it is {name}, but it holds bytes that are not.", row) from None


def _old(data: bytes, first: int) -> tuple[str, str]:
    """Windows-1252, or Latin-1 where the two are the same. A file of which other lines are UTF-8 is a patchwork."""
    utf8 = next((n for n, line in enumerate(data.splitlines(), 1) if not line.isascii() and _is_utf8(line)), None)
    if utf8 is not None:
        raise Refused(f"Its encoding is not that of row {utf8}. Save the whole file as UTF-8.", _row(data, first))
    unused = _UNUSED.search(data)
    if unused:
        raise Refused("The encoding is not known. Save the file as UTF-8.", _row(data, unused.start()))
    return data.decode("cp1252"), "Windows-1252" if re.search(rb"[\x80-\x9f]", data) else "Latin-1"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _row(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
