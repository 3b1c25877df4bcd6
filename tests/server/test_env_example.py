"""`.env.example` lists what can be set, all of it and nothing that is not read."""

import re

from csuite.server.home import ROOT

READ = re.compile(r'env\.(?:text|integer|decimal|boolean|url|secret)\(\s*"([A-Z_]+)"')
# Set by one process for another, or for tests; nobody types them.
INTERNAL = {"DATABASE_POOL"}


def listed() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def test_every_setting_that_is_read_is_listed() -> None:
    read = {name for file in (ROOT / "csuite").rglob("*.py") for name in READ.findall(file.read_text())}
    assert read - INTERNAL - listed() == set()


def test_a_copy_sets_nothing() -> None:
    """Every line is a comment, so copying the file changes no default."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert all(line.startswith("#") or not line for line in lines)
