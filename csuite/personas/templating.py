"""Prompts as templates, in a sandbox with almost nothing in it.

An administrator writes them, so they may only place variables, choose and repeat: no arithmetic, no calls, no
assignment, a few filters, and a cap on what comes out. A variable's own text is never read as a template.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

OUTPUT_CAP = 60_000  # characters
BODY_CAP = 30_000
FILTERS = frozenset({"upper", "lower", "title", "trim", "join", "default", "length", "first", "last"})
TESTS = frozenset({"defined", "none", "equalto", "eq", "ne"})
LOOP_DEPTH = 2
ROUNDS = 20_000  # of all loops together, also of those that write nothing
DEPTH = 60  # of the syntax tree: deeper ones would overflow the stack of whoever walks or compiles it
ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
    nodes.Test,
)


_COUNTED = "counted rounds"  # no template can name it: it is no identifier


class PromptError(ValueError):
    """A prompt that cannot be used; the text says why, for the person who wrote it."""


def environment() -> ImmutableSandboxedEnvironment:
    env = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.globals.clear()
    env.filters = {**{name: env.filters[name] for name in FILTERS}, "join": _join, _COUNTED: _counted}
    env.tests = {name: env.tests[name] for name in TESTS}
    return env


def _join(values: Iterable[Any], between: str = "") -> str:
    """As Jinja's, but bounded before it is built: joining a text with itself twice would take gigabytes."""
    between = str(between)
    size, pieces = 0, []
    for value in islice(values, OUTPUT_CAP):
        pieces.append(str(value))
        size += len(pieces[-1]) + len(between)
        if size > OUTPUT_CAP:
            raise PromptError(f"the prompt joins more than {OUTPUT_CAP} characters")
    return between.join(pieces)


_rounds: ContextVar[list[int]] = ContextVar("rounds")


def _counted(values: Iterable[Any]) -> Iterator[Any]:
    """What every loop goes over: a loop inside a loop that writes nothing would never meet the cap on the output."""
    left = _rounds.get()
    for value in values:
        left[0] -= 1
        if left[0] < 0:
            raise PromptError(f"the prompt repeats more than {ROUNDS} times")
        yield value


_ENVIRONMENT = environment()


def check(body: str, requires: Collection[str], known: Collection[str] | None = None) -> None:
    """Raises PromptError unless the body is safe and uses every required variable and, with `known`, no other."""
    if len(body) > BODY_CAP:
        raise PromptError(f"the prompt is longer than {BODY_CAP} characters")
    tree = _parsed(body)
    _walk(tree, 0, 0)
    used = find_undeclared_variables(tree)
    missing = sorted(set(requires) - used)
    if missing:
        raise PromptError(f"the prompt does not use the required {', '.join(missing)}")
    unknown = sorted(used - set(known)) if known is not None else []
    if unknown:
        raise PromptError(f"the prompt uses {', '.join(unknown)}, which nobody gives it")


def _parsed(body: str) -> nodes.Template:
    try:
        return _ENVIRONMENT.parse(body)
    except (TemplateError, RecursionError) as error:
        raise PromptError(f"the prompt cannot be read: {error}") from error


def _walk(node: nodes.Node, loops: int, depth: int) -> None:
    if depth > DEPTH:
        raise PromptError(f"the prompt nests deeper than {DEPTH} levels")
    if not isinstance(node, ALLOWED):
        raise PromptError(f"the prompt uses {type(node).__name__.lower()}, which is not allowed")
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        raise PromptError(f"the prompt reads {node.attr}, which is private")
    if isinstance(node, nodes.Filter | nodes.Test):
        allowed = FILTERS if isinstance(node, nodes.Filter) else TESTS
        if node.name not in allowed:
            raise PromptError(f"the prompt uses {node.name}, which is not among {', '.join(sorted(allowed))}")
    deeper = loops + isinstance(node, nodes.For)
    if deeper > LOOP_DEPTH:
        raise PromptError(f"the prompt nests more than {LOOP_DEPTH} loops")
    for child in node.iter_child_nodes():
        _walk(child, deeper, depth + 1)


@lru_cache(maxsize=64)
def _compiled(body: str, requires: frozenset[str]) -> Template:
    """Checked and compiled once; a body never changes under its key."""
    check(body, requires)
    tree = _parsed(body)
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, _COUNTED, [], [], None, None, lineno=loop.lineno)
    return Template.from_code(_ENVIRONMENT, _ENVIRONMENT.compile(tree), _ENVIRONMENT.globals)


def render(body: str, variables: Mapping[str, Any], requires: Collection[str] = ()) -> str:
    """The prompt with its variables in place. Raises PromptError, also for a variable that is missing."""
    missing = sorted(set(requires) - set(variables))
    if missing:
        raise PromptError(f"the prompt was not given {', '.join(missing)}")
    template = _compiled(body, frozenset(requires))
    _rounds.set([ROUNDS])
    pieces: list[str] = []
    size = 0
    try:
        for piece in template.generate(**variables):
            size += len(piece)
            if size > OUTPUT_CAP:
                raise PromptError(f"the prompt became longer than {OUTPUT_CAP} characters")
            pieces.append(piece)
    except TemplateError as error:
        raise PromptError(f"the prompt cannot be filled: {error}") from error
    return "".join(pieces).strip()
