"""A file has one reason to be opened, a function is a sentence: at most 300 lines and 50. Exceptions carry a reason."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES, MOST_OF_A_FUNCTION = 300, 50
# path -> why it may be longer
EXCEPTIONS: dict[str, str] = {"csuite/settings.py": "every setting of the product in one place: values and no code"}


def files() -> list[Path]:
    """Every Python file of the project that a person writes: migrations are generated."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    found = [ROOT / name for name in listed] or [
        path for part in ("csuite", "tests", "bench") for path in (ROOT / part).rglob("*.py")
    ]
    return sorted(path for path in found if path.is_file() and "migrations" not in path.parts)


def long_functions(path: Path) -> list[str]:
    return [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MOST_OF_A_FUNCTION
    ]


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    if name in EXCEPTIONS:
        assert EXCEPTIONS[name], "an exception carries its reason"
        return
    assert len(path.read_text().splitlines()) <= MOST_LINES
    assert long_functions(path) == []
