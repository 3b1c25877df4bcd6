"""What a forecast stands on, in plain words with figures: the rules, and what history says instead of them."""

from csuite.personas.cashflow.assumptions import Assumptions
from csuite.personas.cashflow.learning import Learned
from csuite.personas.cashflow.payments import Payments
from csuite.personas.cashflow.results import Forecast, Step, days
from csuite.personas.cashflow.stays import Stay

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_DAYS = 30.4


def explain_assumptions(
    assumptions: Assumptions | None = None, learned: Learned | None = None, forecast: Forecast | None = None
) -> tuple[Step, ...]:
    """The rules in force, what was learned, and how often each decided in a forecast."""
    rules = assumptions or Assumptions()
    steps = [
        *(_stage(name, cycle, rules, learned) for name, cycle in rules.cycle_days.items() if name != "invoiced"),
        *_other_stages(rules, learned),
        *_paying(rules, learned),
        Step(f"Deals over {days(rules.long_stay_days)} in a stage", f"moved {days(rules.long_stay_delay)}, by rule"),
        Step(f"A model's date under {rules.low_confidence} confidence", "not used, the stage's average stays"),
        Step("Dates set by hand", "win until their day has passed"),
    ]
    return (*steps, *_decided(forecast)) if forecast else tuple(steps)


def _stage(name: str, cycle: int, rules: Assumptions, learned: Learned | None) -> Step:
    label = f"{name.capitalize().replace(' gr', ' GR')} to invoice"
    stay = learned.stays.get(name) if learned else None
    if stay is None or stay.endings < rules.least_history:
        return Step(label, f"{days(cycle)}, by rule")
    return Step(label, _stay(stay, f"; the rule would say {cycle}"))


def _stay(stay: Stay, rule: str) -> str:
    quarter = ", by the month of the quarter" if stay.quarterly else ""
    return (
        f"{days(stay.mean_days)} on average of {stay.endings} that ended, {stay.running} still running{quarter}{rule}"
    )


def _other_stages(rules: Assumptions, learned: Learned | None) -> list[Step]:
    stays = learned.stays if learned else {}
    return [
        Step(f"{name.capitalize()} to its end", f"{_stay(stay, '')}; {sum(stay.reach) / len(stay.reach):.0%} go on")
        for name, stay in stays.items()
        if name not in rules.cycle_days and stay.endings >= rules.least_history
    ]


def _paying(rules: Assumptions, learned: Learned | None) -> list[Step]:
    payments = learned.payments if learned else None
    if payments is None or payments.count < rules.least_history:
        return [Step("Payment after invoice", f"{days(rules.payment_days)}, or the due date, by rule")]
    return _learned_paying(payments)


def _learned_paying(payments: Payments) -> list[Step]:
    late = payments.pool.level
    side = "after" if late > 0 else "before"
    steps = [
        Step("Payment, all customers", f"{abs(late):.1f} days {side} the due date, of {payments.count} paid invoices"),
        Step("Customers with a habit of their own", str(len(payments.customers))),
    ]
    if payments.pool.dispute:
        steps.append(Step("Disputes", f"{payments.pool.dispute:.0%} of invoices, each adds {days(payments.delay)}"))
    if abs(payments.drift) * MONTH_DAYS >= 0.1:
        sooner = "later" if payments.drift > 0 else "sooner"
        steps.append(Step("All customers together", f"{abs(payments.drift) * MONTH_DAYS:.1f} days {sooner} each month"))
    if payments.closed_weekdays:
        steps.append(Step("No payments on", ", ".join(WEEKDAYS[day] for day in sorted(payments.closed_weekdays))))
    if payments.calibration.count:
        steps.append(Step("Ranges corrected by", f"{payments.calibration.count} past forecasts"))
    return steps


def _decided(forecast: Forecast) -> list[Step]:
    counts: dict[str, int] = {}
    for one in forecast.predictions:
        counts[one.decided_by] = counts.get(one.decided_by, 0) + 1
    names = {
        "rule": "Dates by rule",
        "history": "Dates by history",
        "model": "Dates from notes",
        "person": "Dates by hand",
    }
    return [Step(names[by], str(count)) for by, count in sorted(counts.items())]
