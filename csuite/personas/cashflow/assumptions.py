"""The figures that the rules stand on: one record, so that a tenant can change one and see what follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# days from entering a stage to the invoice
CYCLES: Mapping[str, int] = MappingProxyType(
    {"order received": 10, "under progress": 22, "awaiting gr": 5, "production/supplying": 45, "invoiced": 0}
)
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "won": "order received",
        "awaiting goods receipt": "awaiting gr",
        "awaiting receipt": "awaiting gr",
        "production": "production/supplying",
        "supplying": "production/supplying",
        "production / supplying": "production/supplying",
    }
)
ENDED = frozenset({"lost", "cancelled", "canceled", "paid", "closed", "settled"})


@dataclass(frozen=True, slots=True)
class Selling:
    """What is taken for a stage of selling of which neither the sales team nor history says anything: days from
    entering it to the order, and the chance (0 to 1) that it comes."""

    days: int
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Days, and shares from 0 to 1. `spread` is how far real times scatter around a rule's, as a share of them, where
    no history tells; four in five lie within about 1.3 times that."""

    cycle_days: Mapping[str, int] = field(default_factory=lambda: CYCLES)
    aliases: Mapping[str, str] = field(default_factory=lambda: ALIASES)
    order_stage: str = "order received"  # where a deal goes once it is won
    selling: Mapping[str, Selling] = field(default_factory=dict)  # by the name that `stage` gives
    payment_days: int = 37
    long_stay_days: int = 60
    long_stay_delay: int = 14
    low_confidence: float = 0.4
    farthest_days: int = 365  # an invoice later than this is worth a warning
    spread: float = 0.4
    least_history: int = 8  # finished cases before history decides instead of a rule

    def stage(self, name: str) -> str:
        """The name under which a stage is known here: lower case, one kind of spaces, aliases resolved."""
        plain = " ".join(name.replace("_", " ").replace("-", " ").casefold().split())
        return self.aliases.get(plain, plain)

    def cycle(self, stage: str) -> int | None:
        """Days from entering the stage to the invoice, None for a stage that no rule knows."""
        return self.cycle_days.get(self.stage(stage))
