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
        return sign(currency) + "0"
    if amount < _FINE:
        return f"under {sign(currency)}{_FINE}"
    return _signed(amount, currency, _FINE)


def sign(currency: str) -> str:
    """`$`, or the code of a currency without a sign."""
    return SIGNS.get(currency, f"{currency} " if currency else "")


def _signed(amount: Decimal, currency: str, step: Decimal) -> str:
    return f"{sign(currency)}{amount.quantize(step, ROUND_HALF_EVEN):,}"


@register.filter
def amount(value: float, currency: str) -> str:
    """A forecast: whole units from ten on, as nobody knows the cents."""
    return f"{sign(currency)}{value:,.0f}" if abs(value) >= 10 else f"{sign(currency)}{value:,.2f}"


@register.filter
def percent(share: Decimal | float | None) -> str:
    """`40.3%` of a share from 0 to 1; empty when there is none."""
    return "" if share is None else f"{float(share) * 100:.1f}%"


@register.filter
def thousands(number: int) -> str:
    """`3,742k`, `9.62m`; below a thousand as it is."""
    if number >= 10_000_000:
        return f"{number / 1_000_000:,.2f}m"
    return f"{number / 1000:,.0f}k" if number >= 1000 else str(number)


@register.filter
def seconds(milliseconds: int | None) -> str:
    """`0.42 s`; empty when it was not measured."""
    return "" if milliseconds is None else f"{milliseconds / 1000:.2f} s"
