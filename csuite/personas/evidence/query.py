"""What is asked of the rules about one figure, and what they may remember."""

from dataclasses import dataclass, field
from decimal import Decimal

from csuite.personas.evidence.dating import Named
from csuite.personas.evidence.naming import Mention
from csuite.personas.evidence.records import Candidate, Figure, Kind, Span
from csuite.personas.evidence.tolerance import written


@dataclass(slots=True)
class Memory:
    """What was spoken of before, the newest first: what `it`, or nothing, refers to."""

    metrics: list[str] = field(default_factory=list)
    entities: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    topic: list[Span] = field(default_factory=list)  # of the question, the heading or the first sentence
    block: int = -1
    before: list[Span] = field(default_factory=list)  # what was compared with
    run: list[Span] = field(default_factory=list)  # several in a row, as of a list of months
    matched: list[Candidate] = field(default_factory=list)
    scale: str = ""  # `in €k`, said above a table


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, or a cell with what its column and row say, ready to be asked for its figures."""

    text: str
    figures: tuple[Figure, ...]
    mentions: tuple[Mention, ...]
    named: tuple[Named, ...]
    wide: frozenset[str]


@dataclass(slots=True)
class Query:
    """Metrics in tiers, the nearest first; `metrics` is the tier that is asked about. `own`: the periods the
    figure may be of. `before`: what it is compared with.

    `own_named`, `before_named`: whether the sentence names them, so that nothing else will do.
    """

    figure: Figure
    kinds: tuple[Kind, ...]
    tiers: tuple[tuple[str, ...], ...]
    metrics: tuple[str, ...]
    entities: tuple[str, ...]
    own: tuple[Span, ...]
    before: tuple[Span, ...]
    own_named: bool
    before_named: bool
    bound_behind: bool
    bound: bool
    near: frozenset[str]
    wide: frozenset[str]
    nearby: frozenset[str]
    direction: int
    text: str
    following: str
    matched: tuple[Candidate, ...]
    strong: bool = False
    is_cell: bool = False
    alone: bool = False
    all_entities: tuple[str, ...] = ()
    all_metrics: tuple[str, ...] = ()
    here: tuple[Candidate, ...] = ()

    def has(self, *names: str) -> bool:
        return any(name in self.near for name in names)

    def says(self, *names: str) -> bool:
        return any(name in self.near or name in self.wide for name in names)

    def wants(self, value: Decimal, unit: Kind) -> bool:
        """Whether a value is what was written: asked before a calculation is put into words."""
        return unit in self.kinds and written(self.figure, value, unit)

    def close(self, *names: str) -> bool:
        """Whether the words around the figure say so, not just the sentence."""
        return any(name in self.nearby for name in names) or (self.is_cell and self.says(*names))
