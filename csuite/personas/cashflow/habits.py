"""Levels of paying per customer, drawn together: what few invoices say is weighed against what all customers do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp2, sqrt

HALF_LIFE = 180.0  # days after which an invoice counts half
DOUBT = 5.0  # invoices' worth of the terms as agreed, in the company's level
SCATTER_DOUBT = 8.0  # invoices' worth of the company's scatter, in a customer's
FIRST_SCATTER = 10.0  # days, before anything is known
DISPUTE_DOUBT = 5.0  # disputed invoices' worth of doubt whether disputes delay at all


@dataclass(frozen=True, slots=True)
class Case:
    """A past invoice as a fit sees it: `issued` is an ordinal day, `terms` and `days` (None while open) are days."""

    customer: str
    issued: int
    terms: int
    days: int | None
    disputed: bool


@dataclass(frozen=True, slots=True)
class Habit:
    """How one customer pays: `late` days after the due date without a dispute, scatter in days, the chance of a
    dispute, and the invoices it rests on."""

    late: float
    scatter: float
    dispute: float
    count: int


@dataclass(slots=True)
class Sums:
    """Running totals of one customer; lateness is taken without what disputes add."""

    count: int = 0
    disputed: int = 0
    weight: float = 0.0
    squares: float = 0.0  # of weights
    late: float = 0.0
    late_squares: float = 0.0

    def add(self, late: float, weight: float, *, disputed: bool | None) -> None:
        """Adds a case. `disputed` is None where that is not known yet: it then says nothing on disputes."""
        if disputed is not None:
            self.count += 1
            self.disputed += disputed
        self.weight += weight
        self.squares += weight * weight
        self.late += weight * late
        self.late_squares += weight * late * late

    @property
    def level(self) -> float:
        return self.late / self.weight

    @property
    def effective(self) -> float:
        """How many equally recent invoices these are worth."""
        return self.weight * self.weight / self.squares

    @property
    def variance(self) -> float:
        return max(0.0, self.late_squares / self.weight - self.level**2)


@dataclass(frozen=True, slots=True)
class Pool:
    """What all customers have in common. Variances in days squared; `dispute_weight` in invoices."""

    level: float
    within: float
    between: float
    dispute: float
    dispute_weight: float
    count: int

    @property
    def company(self) -> Habit:
        """What a customer without history is taken for."""
        return Habit(self.level, sqrt(self.within + self.between), self.dispute, self.count)

    def habit(self, sums: Sums) -> Habit:
        """One customer's habit: its own figures, drawn towards the company's by their doubt."""
        if not sums.weight:
            return self.company
        precision = sums.effective / self.within + 1 / self.between
        late = (sums.effective * sums.level / self.within + self.level / self.between) / precision
        own = sums.variance + (sums.level - late) ** 2
        scatter = (SCATTER_DOUBT * self.within + sums.effective * own) / (SCATTER_DOUBT + sums.effective)
        dispute = (sums.disputed + self.dispute_weight * self.dispute) / (sums.count + self.dispute_weight)
        return Habit(late, sqrt(scatter + 1 / precision), dispute, sums.count)


def weight_of(issued: int, now: int) -> float:
    return exp2((issued - now) / HALF_LIFE)


def drift_of(settled: Iterable[Case], delay: float) -> float:
    """How much later all customers pay per day that passes (negative: sooner), from changes within each customer, and
    drawn to 0 by its own doubt."""
    groups: dict[str, list[tuple[int, float]]] = {}
    for case in settled:
        groups.setdefault(case.customer, []).append(
            (case.issued, (case.days or 0) - case.terms - delay * case.disputed)
        )
    product = square = total = 0.0
    free = -1
    for points in groups.values():
        when = sum(day for day, _ in points) / len(points)
        mean = sum(late for _, late in points) / len(points)
        product += sum((day - when) * (late - mean) for day, late in points)
        square += sum((day - when) ** 2 for day, _ in points)
        total += sum((late - mean) ** 2 for _, late in points)
        free += len(points) - 1
    if free < 1 or not square:
        return 0.0
    slope = product / square
    doubt = max(0.0, total - slope * product) / free / square
    return slope**3 / (slope**2 + doubt) if slope else 0.0


def dispute_delay(settled: Iterable[Case]) -> float:
    """Days that a dispute adds, from customers who paid both disputed and undisputed invoices; never below 0."""
    groups: dict[str, list[Case]] = {}
    for case in settled:
        groups.setdefault(case.customer, []).append(case)
    product = square = 0.0
    for cases in groups.values():
        share = sum(case.disputed for case in cases) / len(cases)
        if 0 < share < 1:
            late = [(case.days or 0) - case.terms for case in cases]
            mean = sum(late) / len(late)
            product += sum((case.disputed - share) * (days - mean) for case, days in zip(cases, late, strict=True))
            square += len(cases) * share * (1 - share)
    return max(0.0, product / (square + DISPUTE_DOUBT))


def pool_of(customers: Mapping[str, Sums]) -> Pool:
    """The company's level and how far customers differ, by moments (DerSimonian and Laird's)."""
    known = [sums for sums in customers.values() if sums.weight]
    count = sum(sums.count for sums in known)
    if not known:
        return Pool(0.0, FIRST_SCATTER**2, FIRST_SCATTER**2, 0.0, 1.0, 0)
    weight = sum(sums.weight for sums in known)
    worth = sum(sums.effective for sums in known)
    level = sum(sums.late for sums in known) / weight
    inside = sum(sums.effective * sums.variance for sums in known)
    free = max(0.0, worth - len(known))
    within = max(1.0, (inside + DOUBT * FIRST_SCATTER**2) / (free + DOUBT))
    spread = sum(sums.effective * (sums.level - level) ** 2 for sums in known) - (len(known) - 1) * within
    scale = worth - sum(sums.effective**2 for sums in known) / worth
    between = max(1.0, spread / scale if scale > 0 else FIRST_SCATTER**2)
    dispute, doubt = _disputes(known)
    return Pool(level * worth / (worth + DOUBT), within, between, dispute, doubt, count)


def _disputes(known: list[Sums]) -> tuple[float, float]:
    """The share of disputed invoices, and how many invoices' worth of it a customer without history starts with."""
    counted = [sums for sums in known if sums.count]
    count = sum(sums.count for sums in counted)
    if not count:
        return 0.0, 1.0
    mean = sum(sums.disputed for sums in counted) / count
    noise = mean * (1 - mean)
    if not noise or len(counted) < 2:
        return mean, float(DOUBT)
    spread = sum(sums.count * (sums.disputed / sums.count - mean) ** 2 for sums in counted) - (len(counted) - 1) * noise
    scale = count - sum(sums.count**2 for sums in counted) / count
    between = max(spread / scale if scale > 0 else 0.0, noise / 500)
    return mean, min(max(noise / between - 1, 0.5), 500.0)
