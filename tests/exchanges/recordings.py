"""Exchanges with providers: our own in fixtures/, and the recorded ones beside the repository where they are."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

OWN = Path(__file__).resolve().parent / "fixtures"
FOLDER = Path(os.environ.get("CSUITE_SHARED", OWN.parents[3] / "shared")) / "recorded"
missing = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recorded exchanges at {FOLDER} (set CSUITE_SHARED)")
KINDS = {"auth": "authentication", "bad_request": "invalid_request", "tool_use_failed": "invalid_request"}
CODES = {"429": "rate_limit"}


def names(*, streamed: bool | None = None) -> list[str]:
    """provider/name of every exchange."""
    found = {f"{file.parent.name}/{file.stem}" for folder in (OWN, FOLDER) for file in folder.glob("*/*.json")}
    return [name for name in sorted(found) if streamed is None or recording(name)["streamed"] is streamed]


@cache
def recording(name: str) -> dict[str, Any]:
    own = OWN / f"{name}.json"
    file = own if own.exists() else FOLDER / f"{name}.json"
    loaded: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return loaded


@cache
def body(name: str) -> bytes:
    encoded: bytes = recording(name)["response"]["body"].encode()
    return encoded


def end(name: str) -> int:
    """Where the last event of a stream is over; all of it where it has no end, as after an error."""
    whole = body(name)
    found = max(whole.rfind(mark) for mark in (b"data: [DONE]", b"data:[DONE]", b"event: message_stop"))
    rest = whole[found:] if found >= 0 else b""
    borders = [rest.find(gap) + len(gap) for gap in (b"\n\n", b"\r\n\r\n") if gap in rest]
    return found + min(borders) if borders else len(whole)


def cuts(name: str, step: int = 200) -> list[int]:
    """After how many bytes a stream is cut: at every border of two events, and at every 200th byte."""
    whole, last = body(name), end(name)
    borders = [at for at in range(len(whole)) if whole[at - 2 : at] == b"\n\n" or whole[at - 4 : at] == b"\r\n\r\n"]
    return [at for at in sorted({*borders, *range(0, len(whole), step)}) if at < last]


def kind(word: str | None) -> str:
    """The recording's word for an error in ours."""
    if word is None:
        return ""
    if word.startswith("stream_error"):
        return "midstream"
    if word.startswith("body_error:"):
        return CODES[word.partition(":")[2]]
    return KINDS.get(word, word)
