"""The recorded exchanges beside the repository, where they are; their words in ours."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("CSUITE_SHARED", Path(__file__).resolve().parents[2].parent / "shared")) / "recorded"
PROVIDERS = ("anthropic", "fireworks", "groq", "openai", "openrouter")
missing = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no recorded exchanges at {FOLDER} (set CSUITE_SHARED)")
KINDS = {"auth": "authentication", "bad_request": "invalid_request", "tool_use_failed": "invalid_request"}
CODES = {"429": "rate_limit"}


def names(*, streamed: bool | None = None) -> list[str]:
    """provider/name of every recording."""
    found = [f"{provider}/{file.stem}" for provider in PROVIDERS for file in sorted((FOLDER / provider).glob("*.json"))]
    return [name for name in found if streamed is None or recording(name)["streamed"] is streamed]


@cache
def recording(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def kind(word: str | None) -> str:
    """The recording's word for an error in ours."""
    if word is None:
        return ""
    if word.startswith("stream_error"):
        return "midstream"
    if word.startswith("body_error:"):
        return CODES[word.partition(":")[2]]
    return KINDS.get(word, word)
