"""How amounts are shown: with their currency, and never a known amount as if it were nothing."""

from decimal import ROUND_HALF_EVEN, Decimal

from django import template

register = template.Library()

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
_CENT = Decimal("0.01")
_FINE = Decimal("0.0001")


@register.filter
def total(amount: Decimal, currency: str) -> str:
    """A sum, in cents: `$1,234.50`."""
    return _signed(amount, currency, _CENT)


@register.filter
def cost(amount: Decimal, currency: str) -> str:
    """The cost of one call, in hundredths of a cent: `$0.0123`, `under $0.0001`, `$0`."""
    if amount == 0:
        return _sign(currency) + "0"
    if amount < _FINE:
        return f"under {_sign(currency)}{_FINE}"
    return _signed(amount, currency, _FINE)


def _sign(currency: str) -> str:
    return SIGNS.get(currency, f"{currency} " if currency else "")


def _signed(amount: Decimal, currency: str, step: Decimal) -> str:
    return f"{_sign(currency)}{amount.quantize(step, ROUND_HALF_EVEN):,}"


@register.filter
def seconds(milliseconds: int | None) -> str:
    """`0.42 s`; empty when it was not measured."""
    return "" if milliseconds is None else f"{milliseconds / 1000:.2f} s"
