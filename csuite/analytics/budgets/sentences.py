"""What a refused person reads: which budget, how it stands, what to do. Pure."""

from decimal import ROUND_CEILING, Decimal

from csuite.analytics.budgets.reserving import Refused
from csuite.analytics.budgets.standing import Standing
from csuite.analytics.templatetags.money import total

UNPRICED = (
    "The price of the model is not known, and a model without a known price is not asked under a fixed budget."
    " Your question is kept; ask your administrator to enter the price or to choose another model."
)
UNCHECKED = (
    "The budget could not be checked just now, so no model was asked. Your question is kept; please try again"
    " in a minute."
)
FINANCE = "ask your finance team to raise it"


def whose(standing: Standing) -> str:
    """The budget by its name: "company budget for November", "CFO budget for today"."""
    who = {"tenant": "company", "persona": standing.persona.upper()}.get(standing.scope, "personal")
    when = "today" if standing.period == "day" else f"{standing.start:%B}"
    return f"{who} budget for {when}"


def refusal(refused: Refused) -> str:
    """One or two sentences for an executive."""
    standing, limit = refused.standing, refused.standing.amount or Decimal(0)
    again = f"{standing.resets_at.day} {standing.resets_at:%B}"
    if limit == 0:
        return f"There is no {whose(standing)}. Your question is kept; {FINANCE}."
    of = total(limit, standing.currency)
    left = standing.left or Decimal(0)
    if standing.spent >= limit:
        happened = f"The {whose(standing)} ({of}) is used up."
    else:
        need = total(_up(refused.need), standing.currency)
        rest = total(left, standing.currency)
        happened = f"This answer may cost up to {need}, and of the {whose(standing)} ({of}) {rest} is left."
    return f"{happened} Your question is kept; {FINANCE}, or ask again on {again}."


def _up(amount: Decimal) -> Decimal:
    """To the next cent, so that it never reads as less than what is left."""
    return amount.quantize(Decimal("0.01"), ROUND_CEILING)
