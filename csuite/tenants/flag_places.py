"""Where the code asks for a flag: so that a flag that nobody asks for, or that has no row, is found."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from csuite.tenants.flags import SHIPPED, has_expired
from csuite.tenants.models import Flag

ROOT = Path(__file__).resolve().parents[2]
# function -> which argument names the flag
ASKING = {"is_active_for": 0, "flag_is_active": 1, "flag_is_active_for_user": 1, "waffle_flag": 0}
IN_TEMPLATE = re.compile(r"{%\s*flag\s+[\"']([^\"']+)")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """`path` is relative to the project, `line` counts from 1."""

    name: str
    path: str
    line: int


@cache
def in_code() -> tuple[Place, ...]:
    """Every place that asks for a flag by a written name; by a constant of its file, too."""
    found: list[Place] = []
    for file in sorted((ROOT / "csuite").rglob("*.py")):
        found += _in_python(file.read_text(encoding="utf-8"), str(file.relative_to(ROOT)))
    for file in sorted((ROOT / "templates").rglob("*.html")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            found += [Place(name, str(file.relative_to(ROOT)), number) for name in IN_TEMPLATE.findall(line)]
    return tuple(sorted(found))


def _in_python(source: str, path: str) -> Iterator[Place]:
    if not any(word in source for word in (*ASKING, "Flag.objects")):
        return
    tree = ast.parse(source)
    constants = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        asked = _asked(node) if isinstance(node, ast.Call) else None
        if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
            yield Place(asked.value, path, asked.lineno)
        elif isinstance(asked, ast.Name) and asked.id in constants:
            yield Place(constants[asked.id], path, asked.lineno)


def _asked(call: ast.Call) -> ast.expr | None:
    """What names the flag in a call that asks for one: an argument, or `name` where its row is read."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    where = ASKING.get(called)
    if where is not None:
        return call.args[where] if len(call.args) > where else None
    if called in ("filter", "get") and ast.unparse(call.func).startswith("Flag.objects."):
        return next((word.value for word in call.keywords if word.arg == "name"), None)
    return None


def names() -> set[str]:
    return {place.name for place in in_code()}


@dataclass(frozen=True, slots=True)
class Dead:
    """Flags that want tidying up, by name."""

    without_a_row: tuple[str, ...]  # asked for, but off for ever
    unasked: tuple[str, ...]  # rows that nobody asks for
    expired: tuple[str, ...]
    ownerless: tuple[str, ...]


def dead() -> Dead:
    rows = {flag.name: flag for flag in Flag.objects.all()}
    asked = names()
    return Dead(
        tuple(sorted(asked - rows.keys() - SHIPPED.keys())),
        tuple(sorted(rows.keys() - asked)),
        tuple(sorted(name for name, flag in rows.items() if has_expired(flag))),
        tuple(sorted(name for name, flag in rows.items() if not flag.owner)),
    )
