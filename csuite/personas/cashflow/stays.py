"""How long deals stay in a stage: the chance per day that a stay ends, by age and by the month's place in its quarter.

Sales teams close by the quarter: in some companies old deals end in its last months alone. Whether that helps is tried
on the months already past; only if it foretold them better is it used. Each place's figures are drawn towards those of
all months, as strongly as the months themselves differ little (a Gamma prior whose strength is the likeliest of a few).
Customers get a factor on the daily chance in the same way. Stays that never ended keep the curve from reaching 1: such
a deal may well never close, and the forecast says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import lgamma, log

from csuite.personas.cashflow.facts import Spell
from csuite.personas.cashflow.risk import OLDEST, PHASES, Month, Risk, count_risk, month_starts
from csuite.personas.cashflow.together import pace_of

STRENGTHS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 256.0, 1024.0)  # endings' worth of what all do
WIDEST = 7  # days of age that share one chance
BAND_ENDINGS = 12  # endings that close a band earlier
GAIN = 3.0  # of log likelihood over past months, before the quarter counts
LEAST_MONTHS = 4
LEVEL_DOUBT = 10.0  # endings' worth of trust in forecasts of how many end
MONTHS_DOUBT = 2.0  # months' worth of it
TAIL_ENDINGS = 0.5  # where nothing ever ended


@dataclass(frozen=True, slots=True)
class Stay:
    """One stage. `daily[phase][age]` is the chance that a stay of that age ends on a day; `reach[phase]` the chance
    that an ending is the one wished for; `factors` multiply `daily` per customer; `pace` is how far whole months lie
    from what was foretold of them, relative to it (see `together`)."""

    stage: str
    endings: int
    running: int
    daily: tuple[tuple[float, ...], ...]
    reach: tuple[float, ...]
    factors: Mapping[str, float]
    quarterly: bool
    mean_days: float
    pace: float = 0.0

    def ahead(self, entered: date, today: date, days: int, customer: str = "") -> list[tuple[float, float]]:
        """For each of the next `days` days: the chance to end then, and to end then as wished."""
        factor, left = self.factors.get(customer, 1.0), 1.0
        age, found = (today - entered).days + 1, []
        now = today.toordinal()
        starts = month_starts(now + 1, now + days)
        for number, (month, start) in enumerate(starts):
            phase = month % PHASES
            daily, reach = self.daily[phase], self.reach[phase]
            until = starts[number + 1][1] if number + 1 < len(starts) else now + days + 1
            for _ in range(max(start, now + 1), until):
                ends = left * min(1.0, factor * daily[min(max(age, 0), OLDEST - 1)])
                found.append((ends, ends * reach))
                left -= ends
                age += 1
        return found


def fit_stays(spells: Iterable[Spell], today: date, name: Callable[[str], str] = str) -> dict[str, Stay]:
    """By stage, under the name that `name` gives it, from what is known at the end of `today` (see `asof`)."""
    groups: dict[str, dict[tuple[str, date], Spell]] = {}
    for spell in spells:
        groups.setdefault(name(spell.stage), {})[spell.deal, spell.entered_on] = spell
    return {stage: _stay(stage, count_risk(group.values(), today)) for stage, group in sorted(groups.items())}


def _stay(stage: str, risk: Risk) -> Stay:
    bands = _bands(risk.months.values())
    trial = _try_past_months(risk, bands)
    quarterly = trial.gain > GAIN
    level = _level(trial.placed if quarterly else trial.plain)
    groups = [[m for key, m in sorted(risk.months.items()) if key % PHASES == phase] for phase in range(PHASES)]
    rates = _rates(groups if quarterly else [list(risk.months.values())] * PHASES, bands, pooled=not quarterly)
    daily = tuple(_by_age([chance * level for chance in rate], bands) for rate in rates)
    days = [(s.ended_on - s.entered_on).days for s in risk.spells if s.ended_on]
    return Stay(
        stage=stage,
        endings=risk.endings,
        running=sum(spell.ended_on is None for spell in risk.spells),
        daily=daily,
        reach=_reach(risk, quarterly=quarterly),
        factors=_factors(risk, daily),
        quarterly=quarterly,
        mean_days=sum(days) / len(days) if days else 0.0,
        pace=pace_of(trial.placed if quarterly else trial.plain),
    )


def _bands(months: Iterable[Month]) -> list[int]:
    """The first age of each band, and the end of the last: narrow where much ends, never wider than a week until the
    oldest ending and one band for all beyond."""
    ended = [sum(ages) for ages in zip(*(month.ended for month in months), strict=True)] or [0]
    oldest = max((age for age, count in enumerate(ended) if count), default=0)
    edges, inside = [0], 0
    for age in range(oldest + 1):
        inside += ended[age]
        if inside >= BAND_ENDINGS or age + 1 - edges[-1] >= WIDEST or age == oldest:
            edges.append(age + 1)
            inside = 0
    return [*edges, OLDEST] if edges[-1] < OLDEST else edges


def _sums(months: Iterable[Month], bands: Sequence[int]) -> list[tuple[float, float]]:
    """(endings, days at risk) of each band over some months, the recent ones counting more."""
    totals = [(0.0, 0.0)] * (len(bands) - 1)
    for month in months:
        totals = [
            (ended + month.weight * sum(month.ended[low:high]), risk + month.weight * sum(month.at_risk[low:high]))
            for (ended, risk), low, high in zip(totals, bands, bands[1:], strict=False)
        ]
    return totals


def _overall(sums: Sequence[tuple[float, float]]) -> list[float]:
    """The daily chance in each band; where nothing ended, half an ending over all that time."""
    return [(ended or TAIL_ENDINGS) / (risk + 1.0) for ended, risk in sums]


def _rates(groups: Sequence[Sequence[Month]], bands: Sequence[int], *, pooled: bool) -> list[list[float]]:
    """The daily chance in each band for each group of months, drawn towards that of all."""
    every = _sums({id(month): month for group in groups for month in group}.values(), bands)
    base = _overall(every)
    if pooled:
        return [base] * len(groups)
    sums = [_sums(group, bands) for group in groups]
    strength = likeliest(
        [(ended, rate * risk) for cells in sums for (ended, risk), rate in zip(cells, base, strict=True)]
    )
    return [
        [(ended + strength) / (risk + strength / rate) for (ended, risk), rate in zip(cells, base, strict=True)]
        for cells in sums
    ]


def likeliest(cells: Iterable[tuple[float, float]]) -> float:
    """The strength of a Gamma prior around 1 under which these (endings, expected endings) are likeliest."""
    known = [(ended, expected) for ended, expected in cells if expected > 0]

    def likelihood(k: float) -> float:
        return sum(
            lgamma(n + k) - lgamma(k) + k * log(k / (k + mean)) + (n * log(mean / (k + mean)) if n else 0.0)
            for n, mean in known
        )

    return max(STRENGTHS, key=lambda k: (likelihood(k), k))


def _by_age(rates: Sequence[float], bands: Sequence[int]) -> tuple[float, ...]:
    found: list[float] = []
    for rate, low, high in zip(rates, bands, bands[1:], strict=False):
        found += [min(rate, 1.0)] * (high - low)
    return tuple(found)


@dataclass(slots=True)
class Trial:
    """How months past would have been foretold from those before: the gain in log likelihood from the place in the
    quarter, and (endings, endings foretold) per month without and with it."""

    gain: float = 0.0
    plain: list[tuple[float, float]] = field(default_factory=list)
    placed: list[tuple[float, float]] = field(default_factory=list)


def _try_past_months(risk: Risk, bands: Sequence[int]) -> Trial:
    trial, months = Trial(), sorted(risk.months)
    for number, month in enumerate(months):
        before = months[:number]
        if number + 1 < LEAST_MONTHS or not any(m % PHASES == month % PHASES for m in before):
            continue
        groups = [[risk.months[m] for m in before if m % PHASES == phase] for phase in range(PHASES)]
        plain = _rates([[risk.months[m] for m in before]], bands, pooled=True)[0]
        placed = _rates(groups, bands, pooled=False)[month % PHASES]
        cells = _sums([risk.months[month]], bands)
        trial.gain += sum(
            ended * log(other / one) - at_risk * (other - one)
            for (ended, at_risk), one, other in zip(cells, plain, placed, strict=True)
        )
        ended = sum(count for count, _ in cells)
        for rates, found in ((plain, trial.plain), (placed, trial.placed)):
            found.append((ended, sum(days * rate for (_, days), rate in zip(cells, rates, strict=True))))
    return trial


def _level(foretold: Sequence[tuple[float, float]]) -> float:
    """Endings that came for each one foretold in months past, trusted more the more months there are."""
    came, expected = (sum(column) + LEVEL_DOUBT for column in zip(*foretold, strict=True)) if foretold else (1.0, 1.0)
    return float((came / expected) ** (len(foretold) / (len(foretold) + MONTHS_DOUBT)))


def _reach(risk: Risk, *, quarterly: bool) -> tuple[float, ...]:
    """The chance that an ending is the one wished for, by place in the quarter; even odds before any ending."""
    reached, ended = [0] * PHASES, [0] * PHASES
    for month, counts in risk.months.items():
        reached[month % PHASES] += counts.reached
        ended[month % PHASES] += sum(counts.ended)
    share = (sum(reached) + 1) / (sum(ended) + 2)
    if not quarterly:
        return (share,) * PHASES
    weight = 1 / max(1e-3, sum((r / n - share) ** 2 for r, n in zip(reached, ended, strict=True) if n) / PHASES)
    return tuple((r + weight * share) / (n + weight) for r, n in zip(reached, ended, strict=True))


def _factors(risk: Risk, daily: Sequence[Sequence[float]]) -> dict[str, float]:
    """How much sooner (above 1) or later each customer's stays end than all do."""
    summed = [_running_sum(chances) for chances in daily]
    cells: dict[str, tuple[int, float]] = {}
    for spell in risk.spells:
        if not spell.customer:
            continue
        ended, expected = cells.get(spell.customer, (0, 0.0))
        for month, first, last in risk.segments(spell):
            expected += summed[month % PHASES][last + 1] - summed[month % PHASES][first]
        cells[spell.customer] = (ended + (spell.ended_on is not None), expected)
    if len(cells) < 2 or not risk.endings:
        return {}
    # beside each other alone: whether a customer is named at all may well be known from the end
    usual = sum(ended for ended, _ in cells.values()) / max(1e-9, sum(expected for _, expected in cells.values()))
    cells = {name: (ended, expected * usual) for name, (ended, expected) in cells.items()}
    strength = likeliest(cells.values())
    return {name: (ended + strength) / (expected + strength) for name, (ended, expected) in sorted(cells.items())}


def _running_sum(values: Sequence[float]) -> list[float]:
    total, found = 0.0, [0.0]
    for value in values:
        total += value
        found.append(total)
    return found
