"""When a deal will be invoiced: a person's date, else history, else the rule of its stage."""

from dataclasses import dataclass
from datetime import date

from csuite.personas.cashflow.assumptions import Assumptions, Selling
from csuite.personas.cashflow.chances import Draw, around, coming, from_chances, mixed
from csuite.personas.cashflow.facts import Deal
from csuite.personas.cashflow.learning import Learned
from csuite.personas.cashflow.outlook import Outlook, away, certain, from_history
from csuite.personas.cashflow.results import Step, days, shown
from csuite.personas.cashflow.stays import Stay

IN_TIME, OVERDUE, LONG_STAY, UNKNOWN_START = 0.6, 0.5, 0.4, 0.3  # how far a rule is to be trusted
YEAR = 365
LEAST_CHANCE = 0.01  # of an invoice within a year; less is no forecast


@dataclass(frozen=True, slots=True)
class Ground:
    """What every forecast of one run stands on. `count` is the number of draws."""

    today: date
    assumptions: Assumptions
    learned: Learned | None
    count: int
    seed: str

    def stay(self, stage: str) -> Stay | None:
        """What history says on a stage, if it says enough."""
        stay = self.learned.stays.get(stage) if self.learned else None
        return stay if stay and stay.endings >= self.assumptions.least_history else None


def invoice_outlook(deal: Deal, ground: Ground) -> Outlook | str:
    """The outlook on the invoice of a deal that is not invoiced yet, or why there is none."""
    stage = ground.assumptions.stage(deal.stage)
    cycle, stay = ground.assumptions.cycle_days.get(stage), ground.stay(stage)
    if stay and deal.entered_on and deal.entered_on <= ground.today:
        return _by_history(deal, stay, cycle, ground)
    if cycle is not None:
        return by_rule(deal, cycle, ground)
    if deal.closes_on:
        return _by_sales(deal, deal.closes_on, ground)
    if default := ground.assumptions.selling.get(stage):
        return _by_default(deal, default, ground)
    return f"no rule and no history for the stage “{deal.stage}”, and no expected order date"


def by_rule(deal: Deal, cycle: int, ground: Ground) -> Outlook:
    """The stage's cycle time after entering it; 14 days more for one that sits there over 60 days."""
    today, rules = ground.today, ground.assumptions
    if deal.entered_on is None:
        stay = ground.stay(rules.stage(deal.stage))
        average = max(1, round(stay.mean_days) if stay else cycle)
        steps = (
            Step("Entered its stage", "not recorded, so the stage's average counts from today"),
            Step("Stage average", days(average)),
            Step("Invoice", away(today, average)),
        )
        return Outlook(around(average, rules.spread, ground.count), average, "rule", UNKNOWN_START, steps)
    age = (today - deal.entered_on).days
    planned, confidence = cycle - age, IN_TIME
    steps_: list[Step] = [Step(f"Entered {deal.stage}", shown(deal.entered_on)), Step("Cycle time", days(cycle))]
    if planned < 1:
        planned, confidence = 1, OVERDUE
        steps_.append(Step("That day has passed", "tomorrow at the earliest"))
    if age > rules.long_stay_days:
        planned, confidence = planned + rules.long_stay_delay, LONG_STAY
        steps_.append(Step(f"{days(age)} in its stage, over {rules.long_stay_days}", f"+{days(rules.long_stay_delay)}"))
    steps_.append(Step("Invoice", away(today, planned)))
    return Outlook(around(planned, rules.spread, ground.count), planned, "rule", confidence, tuple(steps_))


def _by_history(deal: Deal, stay: Stay, cycle: int | None, ground: Ground) -> Outlook | str:
    assert deal.entered_on is not None
    today = ground.today
    ends = stay.ahead(deal.entered_on, today, YEAR, deal.customer)
    draws = from_chances(ends, ground.count)
    chance = sum(reached for _, reached in ends)
    if deal.chance is not None and chance > 0:
        draws = from_chances([(end, reached * deal.chance / chance) for end, reached in ends], ground.count)
    if not coming(draws) or chance < LEAST_CHANCE:
        return f"{days((today - deal.entered_on).days)} in {deal.stage}: no deal as old as this one has moved on"
    steps = [
        Step(f"Entered {deal.stage}", f"{shown(deal.entered_on)}, {days((today - deal.entered_on).days)} ago"),
        Step("Stays in this stage that ended", f"{stay.endings}, {stay.mean_days:.0f} days on average"),
    ]
    if stay.quarterly:
        steps.append(Step("Month of the quarter", "counts, as it foretold past months better"))
    if cycle is None:
        draws = _through_order(draws, deal, ground)
        by = "said by the sales team" if deal.chance is not None else "by such deals before"
        share = len(coming(draws)) / len(draws)
        steps += [Step("Won within a year", f"{share:.0%}, {by}"), _order_step(ground)]
    return from_history(draws, today, *steps)


def _by_sales(deal: Deal, closes: date, ground: Ground) -> Outlook:
    default = ground.assumptions.selling.get(ground.assumptions.stage(deal.stage))
    if deal.chance is not None:
        chance, said = deal.chance, f"{deal.chance:.0%}"
    elif default:
        chance, said = default.chance, f"not said, {default.chance:.0%} as the stage's default"
    else:
        chance, said = 1.0, "not said, taken as certain"
    order = max(1, (closes - ground.today).days)
    return _ordered(
        order, chance, ground, Step("Order expected by the sales team", shown(closes)), Step("Chance", said)
    )


def _by_default(deal: Deal, default: Selling, ground: Ground) -> Outlook:
    """The default of a stage of selling, from entering it; from today once that day has passed."""
    age = (ground.today - deal.entered_on).days if deal.entered_on and deal.entered_on <= ground.today else 0
    left = default.days - age
    steps = [
        Step(f"Stage default of {deal.stage}", f"an order after {days(default.days)}, no date was said"),
        Step("Chance", f"{default.chance:.0%}, the stage's default" if deal.chance is None else f"{deal.chance:.0%}"),
    ]
    if left < 1:
        steps.insert(1, Step(f"{days(age)} in its stage", "that day has passed, so the default counts from today"))
        left = max(1, default.days)
    return _ordered(left, default.chance if deal.chance is None else deal.chance, ground, *steps)


def _ordered(order: int, chance: float, ground: Ground, *steps: Step) -> Outlook:
    """The invoice after an order that comes in so many days with some chance, by rule."""
    rules = ground.assumptions
    middle = order + rules.cycle_days.get(rules.order_stage, 0)
    draws: list[Draw] = list(around(middle, rules.spread, max(1, round(chance * ground.count)))) if chance else []
    told = (*steps, _order_step(ground), Step("Invoice", away(ground.today, middle)))
    return Outlook(draws + [None] * (ground.count - len(draws)), middle, "rule", UNKNOWN_START, told)


def _order_step(ground: Ground) -> Step:
    stage = ground.assumptions.order_stage
    stay = ground.stay(stage)
    known = (
        f"{stay.mean_days:.0f} days on average so far" if stay else days(ground.assumptions.cycle_days.get(stage, 0))
    )
    return Step("From the order to the invoice", known)


def _through_order(draws: list[Draw], deal: Deal, ground: Ground) -> list[Draw]:
    """From the order to the invoice, by the stage that a won deal enters."""
    rules, stay = ground.assumptions, ground.stay(ground.assumptions.order_stage)
    if stay:
        further = from_chances(stay.ahead(ground.today, ground.today, YEAR, deal.customer), ground.count)
    else:
        further = around(rules.cycle_days.get(rules.order_stage, 0), rules.spread, ground.count)
    added = [
        None if first is None or then is None else first + then
        for first, then in zip(draws, mixed(further, f"{ground.seed}:order:{deal.id}"), strict=True)
    ]
    known: list[Draw] = list(coming(added))
    return known + [None] * (len(added) - len(known))


def invoiced_already(deal: Deal, ground: Ground) -> Outlook:
    """A deal in the stage “invoiced” without an invoice of its own: the day it came there."""
    today = ground.today
    if deal.entered_on is None:
        step = Step("Invoiced", "on a day that is not recorded, taken as today")
        return certain(today, today, ground.count, "rule", UNKNOWN_START, step)
    step = Step("Invoiced, the day it came into that stage", shown(deal.entered_on))
    return certain(deal.entered_on, today, ground.count, "rule", 1.0, step)
