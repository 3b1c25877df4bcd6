"""Prompts as files: `prompts/<name>.v<number>.md`, a header of `key: value` lines between rules, then the body."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from csuite.personas.templating import PromptError, check

FOLDER = Path(__file__).parent / "prompts"
NAME = re.compile(r"(?P<name>[a-z][a-z0-9_.]*)\.v(?P<version>[1-9][0-9]*)\.md")


@dataclass(frozen=True, slots=True)
class PromptFile:
    name: str
    version: int
    tier: str
    temperature: Decimal | None  # None: the provider's setting
    max_tokens: int | None
    requires: tuple[str, ...]
    body: str


def read(path: Path) -> PromptFile:
    """Raises PromptError, naming the file, when the name, the header or the body is not as it must be."""
    match = NAME.fullmatch(path.name)
    if match is None:
        raise PromptError(f"{path.name}: a prompt file is called <name>.v<number>.md")
    try:
        _, header, body = path.read_text(encoding="utf-8").split("---\n", 2)
        meta = dict(line.split(": ", 1) for line in header.strip().splitlines())
        prompt = PromptFile(
            name=match["name"],
            version=int(match["version"]),
            tier=meta["tier"],
            temperature=Decimal(meta["temperature"]) if "temperature" in meta else None,
            max_tokens=int(meta["max_tokens"]) if "max_tokens" in meta else None,
            requires=tuple(word.strip() for word in meta["requires"].split(",")),
            body=body.strip() + "\n",
        )
        check(prompt.body, prompt.requires, known=prompt.requires)
    except KeyError as error:
        raise PromptError(f"{path.name}: the header lacks {error}") from error
    except (ValueError, InvalidOperation) as error:
        raise PromptError(f"{path.name}: {error}") from error
    return prompt


def shipped() -> list[PromptFile]:
    """Every prompt that comes with the product."""
    return [read(path) for path in sorted(FOLDER.glob("*.md"))]


@cache
def variables_of(name: str) -> frozenset[str]:
    """What the product gives to a prompt of this name; empty for a name that no file has."""
    return frozenset(variable for prompt in shipped() if prompt.name == name for variable in prompt.requires)
