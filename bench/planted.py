"""Series, goals and deals with something planted in them, and others without, from a fixed seed."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import sin as sine
from math import sqrt, tau
from random import Random

from csuite.personas.cashflow import Deal, Spell
from csuite.personas.insights import Aim, Series

TODAY = date(2026, 11, 6)
PERIODS = 36


def months(count: int, last: date = date(2026, 10, 1)) -> list[date]:
    """The first days of so many months, the last one last."""
    whole = last.year * 12 + last.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(whole - count + 1, whole + 1)]


def series(values: list[float], key: str, last: date = date(2026, 10, 1)) -> Series:
    return Series(key=key, name="Revenue", points=tuple(zip(months(len(values), last), values, strict=True)))


def course(draw: Random, count: int, season: bool) -> list[float]:
    """A slope, scatter of 1 with neighbours tied by 0, 0.3 or 0.5, and a season of 1.5 in some."""
    tie, slope, high = draw.choice([0.0, 0.3, 0.5]), draw.gauss(0, 0.1), 1.5 if season and draw.random() < 0.5 else 0.0
    found, last = [], draw.gauss(0, 1)
    for n in range(count):
        last = tie * last + sqrt(1 - tie * tie) * draw.gauss(0, 1)
        found.append(50 + slope * n + high * sine(n * tau / 12) + last)
    return found


def with_break(draw: Random, key: str) -> Series:
    """The last one to ten months lie 3 to 5 scatters off, or bend away by one each month."""
    values = course(draw, PERIODS, season=True)
    latest, side = draw.randrange(1, 11), draw.choice([-1, 1])
    jump = draw.uniform(3, 5)
    bends = latest >= 4 and draw.random() < 0.5
    for n in range(latest):
        values[n - latest] += side * (n + 1 if bends else jump)
    return series(values, key)


def without_break(draw: Random, key: str) -> Series:
    return series(course(draw, PERIODS, season=True), key)


def with_record(draw: Random, key: str) -> Series:
    """The last of two years of months lies two scatters beyond all others."""
    values = [50 + draw.gauss(0, 1) for _ in range(24)]
    values[-1] = max(values) + 2 if draw.random() < 0.5 else min(values) - 2
    return series(values, key)


def without_record(draw: Random, key: str) -> Series:
    return series([50 + draw.gauss(0, 1) for _ in range(24)], key)


@dataclass(frozen=True, slots=True)
class Aimed:
    """A goal as it stood, and whether it was met in the end."""

    series: Series
    aim: Aim
    met: bool


def aimed(draw: Random, key: str) -> Aimed:
    """A goal for the mean of a quarter, of which one month is over."""
    values = course(draw, 26, season=False)
    target = values[20] + draw.gauss(0, 1.5)
    aim = Aim(key=key, title="Quarter", target=target, start=date(2026, 10, 1), periods=3)
    return Aimed(series(values[:24], key), aim, sum(values[-3:]) / 3 >= target)


def stale(draw: Random, key: str) -> Series:
    """Months that should have come are missing: September, or some before it as well."""
    whole = date(2026, 9 - draw.randrange(1, 4), 1)
    return series(course(draw, 20, season=False), key, whole)


def amounts(draw: Random, *, held: bool) -> dict[str, Decimal]:
    """What twenty customers hold, rather evenly; or one of them 30 to 60 %."""
    found = {f"C{n}": Decimal(draw.randrange(60, 140)) for n in range(20)}
    if held:
        share = Decimal(draw.randrange(30, 60)) / 100
        found["C0"] = share / (1 - share) * (sum(found.values()) - found["C0"])
    return found


def past_stays(draw: Random, count: int = 300) -> list[Spell]:
    """Stays that went on after a month or so."""
    spells = []
    for n in range(count):
        entered = TODAY - timedelta(days=draw.randrange(200, 600))
        ended = entered + timedelta(days=stay(draw))
        spells.append(Spell(deal=f"P{n}", stage="Quoted", entered_on=entered, ended_on=ended, outcome="reached"))
    return spells


def stay(draw: Random) -> int:
    return max(1, round(draw.lognormvariate(3.3, 0.6)))


def quoted(key: str, age: int) -> Deal:
    entered = TODAY - timedelta(days=age)
    return Deal(id=key, stage="Quoted", value=Decimal(100), currency="USD", entered_on=entered)
