"""How long customers take to pay, learned from the tenant's own invoices.

The lateness of an invoice (days from its due date to the payment) is the customer's level (`habits`), plus the delay of
a dispute if there is one, plus scatter (`shapes`). Open invoices count too, with the payment they can still have:
leaving them out would make every customer look quicker than it is. Before an invoice is paid nobody knows whether it
will be disputed, so its time is a mixture of both. Last, what this would have said when each past invoice was issued is
compared with what came, and the odds are corrected by it (`calibration`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from heapq import heappop, heappush

from csuite.personas.cashflow import calibration
from csuite.personas.cashflow.calibration import Calibration, calibration_of
from csuite.personas.cashflow.facts import Invoice
from csuite.personas.cashflow.habits import Case, Habit, Pool, Sums, dispute_delay, drift_of, pool_of, weight_of
from csuite.personas.cashflow.shapes import Shape, shape_of
from csuite.personas.cashflow.together import Off, shift_of

LONGEST = 365  # days; later payments count as this
OLDEST = 1095  # days before the newest invoice; those issued earlier teach nothing on today
CUT_TIMES, CUT_LEAST = 2, 60  # longest time that counts: twice that of 98 in 100 invoices, or these days
ROUNDS = 2  # of giving open invoices the payment they can still have
WARM = 30  # invoices paid before past forecasts are judged
JUDGED = 20_000  # the latest past forecasts that are judged; more say nothing new
SILENCE, SILENT_RECORDS = 7, 5  # days and usual gaps after the newest record, from which on nothing counts as known
CLOSED_SHARE = 0.02  # a weekday with fewer of all payments is one on which nobody pays
CLOSED_LEAST = 100  # payments before that is said


@dataclass(frozen=True, slots=True)
class Payments:
    """What the past says about paying, from `count` settled invoices. `delay` is what a dispute adds, in
    days; `drift` the days by which all customers pay later per day that passes; `shift` how far whole weeks come early
    or late together (standard deviation in days), as told by `weeks` past ones."""

    count: int
    terms: int
    pool: Pool
    customers: Mapping[str, Habit]
    delay: float
    drift: float
    shape: Shape
    calibration: Calibration
    closed_weekdays: frozenset[int]
    shift: float = 0.0
    weeks: int = 0
    _known: dict[tuple[str, int, bool], tuple[float, ...]] = field(default_factory=dict, compare=False, repr=False)

    def habit(self, customer: str) -> Habit:
        return self.customers.get(customer) or self.pool.company

    def paid_by(self, customer: str, terms: int, *, disputed: bool = False) -> tuple[float, ...]:
        """The chance that an invoice is paid at most 0, 1, 2… days after it was issued, until that is certain as far
        as the past goes. `disputed` says that a dispute is known."""
        key = (customer if customer in self.customers else "", terms, disputed)
        if key not in self._known:
            self._known[key] = self._chances(self.habit(customer), terms, disputed)
        return self._known[key]

    def _chances(self, habit: Habit, terms: int, disputed: bool) -> tuple[float, ...]:
        share, found = 1.0 if disputed else habit.dispute, []
        for day in range(2 * LONGEST):
            raw = mixture(day + 0.5 - terms - habit.late, habit.scatter, share, self.delay, self.shape)
            found.append(self.calibration.corrected(raw))
            if raw >= 1.0:
                break
        return tuple(found)


def mixture(late: float, scatter: float, dispute: float, delay: float, shape: Shape) -> float:
    """The chance of at most `late` days over a customer's level, disputed or not."""
    plain = shape.below(late / scatter) if dispute < 1 else 0.0
    slow = shape.below((late - delay) / scatter) if dispute > 0 else 0.0
    return (1 - dispute) * plain + dispute * slow


def cases_of(invoices: Iterable[Invoice], default_terms: int) -> list[Case]:
    """Invoices that teach something, in the order of their issue: no credit notes, each id once, none too old. Times
    far beyond nearly all others are cut, so that a slip in a date does not move a customer."""
    seen: dict[str, Case] = {}
    ordered = sorted(invoices, key=lambda i: (i.issued_on, i.id))
    for invoice in ordered:
        if invoice.amount <= 0 or invoice.id in seen or (ordered[-1].issued_on - invoice.issued_on).days > OLDEST:
            continue
        terms = default_terms if invoice.due_on is None else max(0, (invoice.due_on - invoice.issued_on).days)
        days = None if invoice.settled_on is None else (invoice.settled_on - invoice.issued_on).days
        days = None if days is None else min(max(days, 0), LONGEST)
        seen[invoice.id] = Case(invoice.customer, invoice.issued_on.toordinal(), terms, days, invoice.disputed)
    return _cut(list(seen.values()))


def _cut(cases: list[Case]) -> list[Case]:
    days = sorted(case.days for case in cases if case.days is not None)
    most = max(CUT_LEAST, CUT_TIMES * days[int(0.98 * (len(days) - 1))]) if days else LONGEST
    return [replace(case, days=most) if case.days is not None and case.days > most else case for case in cases]


@dataclass(frozen=True, slots=True)
class Effects:
    """What shifts all customers alike: days a dispute adds, and days later per day that passes, counted from the day of
    the newest record. After it nobody knows how things went on, so a change is not followed further."""

    now: int
    newest: int
    delay: float = 0.0
    drift: float = 0.0

    def net(self, case: Case) -> float:
        """A settled case's lateness without its dispute, as if it were issued today."""
        assert case.days is not None
        return case.days - case.terms - self.delay * case.disputed - self.moved(case)

    def moved(self, case: Case) -> float:
        """Days later (or sooner) that payments came when this case was issued than they come today."""
        return self.drift * (min(case.issued, self.newest) - self.newest)


def fit_payments(invoices: Iterable[Invoice], today: date, default_terms: int) -> Payments:
    """Learns from what is known at the end of `today`; the invoices must show nothing later (see `asof`)."""
    cases = cases_of(invoices, default_terms)
    newest = _newest(cases)
    apart = (newest - cases[0].issued) / len(cases) if cases else 0.0
    now = min(today.toordinal(), newest + SILENCE + round(SILENT_RECORDS * apart))
    settled = [case for case in cases if case.days is not None]
    opened = [case for case in cases if case.days is None and now - case.issued <= LONGEST]
    longest = _usual_longest(settled)
    mature = [case for case in settled if case.issued <= now - longest]
    delay = dispute_delay(settled)
    effects = Effects(now, min(now, newest), delay, drift_of(mature, delay))
    typical = (mature or settled)[-JUDGED:]
    pool, habits = _habits(settled, (), effects)
    shape = _shape(typical, habits, effects)
    for _ in range(ROUNDS if opened else 0):
        guesses = [(case, _expected(case, habits.get(case.customer, pool.company), effects, shape)) for case in opened]
        pool, habits = _habits(settled, guesses, effects)
        shape = _shape(typical, habits, effects)
    judged = list(_judged(cases, longest, pool, effects, shape))
    shift, weeks = shift_of([one.off for one in judged if one.off])
    return Payments(
        count=len(settled),
        terms=sorted(case.terms for case in cases)[len(cases) // 2] if cases else default_terms,
        pool=pool,
        customers=habits,
        delay=delay,
        drift=effects.drift,
        shape=shape,
        calibration=calibration_of([(one.odds, one.weight) for one in judged]),
        closed_weekdays=_closed_weekdays(settled),
        shift=shift,
        weeks=weeks,
    )


def _newest(cases: Iterable[Case]) -> int:
    """The latest day that an invoice was issued or paid on."""
    return max((case.issued + (case.days or 0) for case in cases), default=0)


def _usual_longest(settled: Sequence[Case]) -> int:
    """Days after which 99 of 100 invoices are paid: older open ones are late, younger ones merely young."""
    days = sorted(case.days for case in settled if case.days is not None)
    return days[int(0.99 * (len(days) - 1))] if days else LONGEST


def _habits(
    settled: Iterable[Case], guesses: Iterable[tuple[Case, float]], effects: Effects
) -> tuple[Pool, dict[str, Habit]]:
    customers: dict[str, Sums] = {}
    for case in settled:
        sums = customers.get(case.customer) or customers.setdefault(case.customer, Sums())
        sums.add(effects.net(case), weight_of(case.issued, effects.newest), disputed=case.disputed)
    for case, late in guesses:
        sums = customers.get(case.customer) or customers.setdefault(case.customer, Sums())
        sums.add(late, weight_of(case.issued, effects.newest), disputed=None)
    pool = pool_of(customers)
    return pool, {name: pool.habit(sums) for name, sums in customers.items()}


def _shape(settled: Iterable[Case], habits: Mapping[str, Habit], effects: Effects) -> Shape:
    scaled = (
        (effects.net(case) - habit.late) / habit.scatter for case in settled for habit in (habits[case.customer],)
    )
    return shape_of(scaled)


def _expected(case: Case, habit: Habit, effects: Effects, shape: Shape) -> float:
    """The lateness (without dispute, as of today) that an open invoice can still have, as it is not paid yet."""
    reached = effects.now - case.issued + 0.5 - case.terms - habit.late - effects.moved(case)
    total = weight = 0.0
    for share, extra in ((1 - habit.dispute, 0.0), (habit.dispute, effects.delay)):
        start = (reached - extra) / habit.scatter
        for n in range(1, len(shape.at)):
            if share and shape.at[n] > start:
                mass = share * (shape.share[n] - shape.share[n - 1])
                total += mass * (max(start, shape.at[n - 1]) + shape.at[n]) / 2
                weight += mass
    if not weight:  # later than anything seen: as late as it already is
        return reached + habit.late
    return habit.late + habit.scatter * total / weight


@dataclass(frozen=True, slots=True)
class Judged:
    """A past invoice: the odds, as they stood at its issue, of a payment by the day it came; its weight; and how far
    the day foretold was off, None while it is open."""

    odds: float
    weight: float
    off: Off | None


def _judged(cases: Sequence[Case], longest: int, pool: Pool, effects: Effects, shape: Shape) -> Iterator[Judged]:
    paid: list[tuple[int, int]] = []  # (day of payment, case), the next one first
    customers: dict[str, Sums] = {}
    known, ripe = 0, [case for case in cases if case.issued <= effects.now - longest]
    for number, case in enumerate(ripe):
        while paid and paid[0][0] < case.issued:
            past = cases[heappop(paid)[1]]
            sums = customers.get(past.customer) or customers.setdefault(past.customer, Sums())
            sums.add(effects.net(past), weight_of(past.issued, effects.newest), disputed=past.disputed)
            known += 1
        if case.days is not None:
            heappush(paid, (case.issued + case.days, number))
        if known < WARM or number < len(ripe) - JUDGED:
            continue
        weight = 2.0 ** ((case.issued - effects.newest) / calibration.HALF_LIFE)
        if case.days is None:
            yield Judged(1.0, weight, None)
        else:
            habit = pool.habit(customers.get(case.customer) or Sums())
            late = case.days - case.terms - habit.late - effects.moved(case)
            odds = mixture(late, habit.scatter, habit.dispute, effects.delay, shape)
            expected = case.issued + case.terms + habit.late + habit.dispute * effects.delay
            yield Judged(odds, weight, Off(round(expected) // 7, late - habit.dispute * effects.delay))


def _closed_weekdays(settled: Sequence[Case]) -> frozenset[int]:
    """Weekdays (Monday is 0) on which practically no payment arrives."""
    if len(settled) < CLOSED_LEAST:
        return frozenset()
    counts = [0] * 7
    for case in settled:
        counts[(case.issued + (case.days or 0) - 1) % 7] += 1
    return frozenset(day for day in range(7) if counts[day] < CLOSED_SHARE * len(settled))
