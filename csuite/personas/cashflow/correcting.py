"""What people set and a model reads in notes, laid over what rules and history say.

A person's date wins and says so, unless its day has passed. A model's date counts from a confidence of 0.4, and only if
it is sane: an invoice after today and within a year, a payment after its invoice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from csuite.personas.cashflow.chances import Pair, around, day_after
from csuite.personas.cashflow.facts import BadFact, Deal, Hint, Override
from csuite.personas.cashflow.invoicing import Ground
from csuite.personas.cashflow.outlook import Outlook, away, certain
from csuite.personas.cashflow.results import Prediction, Step, shown

# given the deals that have notes and what is known of them so far; answers by deal id, for as many as it can
Hints = Callable[[Sequence[Deal], Mapping[str, Prediction]], Mapping[str, Hint]]
WORST_SPREAD = 0.5  # of a model's date with no confidence, as a share of the days until it


@dataclass(slots=True)
class Corrections:
    """Overrides and hints by id, and the warnings that looking at them brought."""

    overrides: Mapping[str, Override] = field(default_factory=dict)
    hints: Mapping[str, Hint] = field(default_factory=dict)

    def override(self, kind: str, key: str) -> Override | None:
        """By kind and id (`invoice:4711`) where a deal and an invoice may have the same id, else by id."""
        return self.overrides.get(f"{kind}:{key}") or self.overrides.get(key)

    def invoice(self, key: str, outlook: Outlook | None, ground: Ground, warnings: list[str]) -> Outlook | None:
        """The invoice's outlook after corrections; None if nobody knows anything."""
        override, hint = self.override("deal", key), self.hints.get(key)
        found = outlook
        if hint and hint.invoice_on and _counts(hint, "invoice", ground, warnings):
            reason = _insane_invoice(hint.invoice_on, ground)
            if reason:
                warnings.append(f"the model's invoice date {shown(hint.invoice_on)} {reason}; not used")
            else:
                found = _by_model(hint.invoice_on, hint, "Invoice", ground)
        if override and override.invoice_on:
            if override.invoice_on <= ground.today and (outlook is None or outlook.middle > 0):
                warnings.append(f"the invoice date set by {_who(override)}, {shown(override.invoice_on)}, has passed")
            else:
                found = _by_person(override.invoice_on, override, "Invoice", ground)
        elif found is None and override and override.payment_on and override.payment_on > ground.today:
            day = max(override.payment_on - timedelta(days=ground.assumptions.payment_days), day_after(ground.today, 1))
            found = _by_person(day, override, "Invoice, by the usual terms before the payment", ground)
        return found

    def payment(
        self, kind: str, key: str, invoice: Outlook, outlook: Outlook, ground: Ground, warnings: list[str]
    ) -> Outlook:
        """The payment's outlook after corrections."""
        override, hint = self.override(kind, key), self.hints.get(key) if kind == "deal" else None
        found = outlook
        if hint and hint.payment_on and _counts(hint, "payment", ground, warnings):
            away_ = (hint.payment_on - ground.today).days
            if away_ < 1 or away_ < invoice.middle:
                late = "is not after today" if away_ < 1 else "lies before the invoice"
                warnings.append(f"the model's payment date {shown(hint.payment_on)} {late}; not used")
            else:
                found = _by_model(hint.payment_on, hint, "Payment", ground)
        if override and override.payment_on:
            if override.payment_on <= ground.today:
                warnings.append(f"the payment date set by {_who(override)}, {shown(override.payment_on)}, has passed")
            else:
                found = _by_person(override.payment_on, override, "Payment", ground)
        return found


def ask_model(
    ask: Hints | None, deals: Sequence[Deal], known: Mapping[str, Prediction], warnings: list[str]
) -> dict[str, Hint]:
    """Hints for deals with notes. What fails in the caller's function costs its hints alone, with a warning."""
    noted = [deal for deal in deals if any(note.strip() for note in deal.notes)]
    if ask is None or not noted:
        return {}
    try:
        answered = dict(ask(noted, known))
    except Exception as error:
        warnings.append(
            f"the model could not read the notes of {len(noted)} deals ({type(error).__name__}): without it"
        )
        return {}
    hints: dict[str, Hint] = {}
    for deal in noted:
        hint = answered.get(deal.id)
        if isinstance(hint, Hint):
            hints[deal.id] = hint
    if len(hints) < len(noted):
        warnings.append(f"the model read the notes of {len(hints)} of {len(noted)} deals: the others stand without it")
    return hints


def check_overrides(overrides: Mapping[str, Override]) -> None:
    """Raises BadFact for anything else than overrides by id."""
    for key, override in overrides.items():
        if not isinstance(key, str) or not isinstance(override, Override):
            raise BadFact(f"overrides map ids to Override, not {type(key).__name__} to {type(override).__name__}")


def _who(override: Override) -> str:
    return override.by or "hand"


def _counts(hint: Hint, what: str, ground: Ground, warnings: list[str]) -> bool:
    low = ground.assumptions.low_confidence
    if hint.confidence < low:
        warnings.append(f"the model's {what} date has confidence {hint.confidence:.2f}, under {low}: the average stays")
        return False
    return True


def _insane_invoice(day: date, ground: Ground) -> str:
    away_ = (day - ground.today).days
    if away_ < 1:
        return "is not after today"
    return "is more than a year away" if away_ > ground.assumptions.farthest_days else ""


def _by_model(day: date, hint: Hint, what: str, ground: Ground) -> Outlook:
    middle = (day - ground.today).days
    steps = (
        Step("Read in the notes", hint.reasoning or "no reason given"),
        Step("The model's confidence", f"{hint.confidence:.2f}"),
        *([Step("Read by", hint.source)] if hint.source else []),
        Step(what, away(ground.today, middle)),
    )
    spread = WORST_SPREAD * (1 - hint.confidence)
    return Outlook(around(middle, spread, ground.count), middle, "model", hint.confidence, steps)


def weighed(pairs: Sequence[Pair], chance: float) -> list[Pair]:
    """The pairs with so large a share of them coming, in the proportions they had; none where none came."""
    some = [pair for pair in pairs if pair[1] is not None]
    wanted = round(chance * len(pairs)) if some else 0
    kept = [some[n * len(some) // wanted] for n in range(wanted)]
    return kept + [(None, None)] * (len(pairs) - wanted)


def set_values(override: Override | None, value: Decimal, chance: float, currency: str) -> tuple[Step, ...]:
    """What a person set of value and chance, in words."""
    if override is None:
        return ()
    steps = []
    if override.amount is not None:
        instead = f", not {value:,}" if override.amount != value else ""
        steps.append(Step(_set("Amount", override), f"{override.amount:,} {currency}{instead}"))
    if override.chance is not None:
        steps.append(Step(_set("Chance", override), f"{override.chance:.0%}, not {chance:.0%}"))
    if steps and override.reason:
        steps.append(Step("Reason", override.reason))
    return tuple(steps)


def _set(what: str, override: Override) -> str:
    when = f" on {shown(override.set_on)}" if override.set_on else ""
    return f"{what} set by {_who(override)}{when}"


def _by_person(day: date, override: Override, what: str, ground: Ground) -> Outlook:
    steps = [Step(_set(what, override), shown(day))]
    if override.reason:
        steps.append(Step("Reason", override.reason))
    return certain(day, ground.today, ground.count, "person", 1.0, *steps)
