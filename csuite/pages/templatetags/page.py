"""Small words of the templates."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, RadioSelect
from django.utils.safestring import SafeString, mark_safe

from csuite.charts import sparkline
from csuite.deals import changing
from csuite.deals.models import Change
from csuite.documents.text import visible as without_hidden_characters
from csuite.pages.commands import COMMANDS

register = template.Library()

# static/js/format.js says the same in the browser: a reload must not change a word.
CURRENCIES = {"USD": "$", "EUR": "€", "GBP": "£"}


@register.inclusion_tag("pages/_commands.html")
def slash_commands() -> dict[str, Any]:
    """The composer's list that `/` opens."""
    return {"commands": COMMANDS}


@register.filter
def visible(text: object) -> str:
    """Text without characters that hide or reverse what a reader sees."""
    return without_hidden_characters(str(text or ""))


@register.simple_tag
def spark(figure: Any) -> SafeString:
    """The sparkline of a key figure."""
    return mark_safe(  # noqa: S308 - charts escape what they are given
        sparkline(figure.series, figure.target, figure.description, figure.is_bad)
    )


@register.filter
def styled(field: BoundField) -> SafeString:
    """A form field's widget in the look of the design."""
    if isinstance(field.field.widget, CheckboxInput | RadioSelect):
        return field.as_widget()
    return field.as_widget(attrs={"class": "field__input"})


@register.filter
def completed(field: BoundField) -> SafeString:
    """The same, completed from `<datalist id="names-…">`."""
    return field.as_widget(attrs={"class": "field__input", "list": f"names-{field.name}", "autocomplete": "off"})


@register.filter
def changed_lines(change: Change) -> list[str]:
    """What a change by hand did: `Value: 1,000 → 1,200`."""
    names = list(dict.fromkeys([*change.before, *change.after]))
    if changing.CREATED in names:
        return [changing.CREATED]
    return [_step(name, change.before.get(name), change.after.get(name)) for name in names]


def _step(name: str, was: str | None, now: str | None) -> str:
    if was is None:
        return f"{name}: {now}"
    return f"{name}: {was} → {now or 'nothing'}"


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def tokens(usage: dict[str, Any] | None) -> str:
    """`3,214 tokens`; "" where the provider said nothing. An estimate says so."""
    counts = [usage.get(name) for name in ("prompt", "completion")] if usage else []
    known = [count for count in counts if count is not None]
    if not known:
        return ""
    return f"{'about ' if usage and usage.get('estimated') else ''}{sum(known):,} tokens"


@register.filter
def cost(usage: dict[str, Any] | None) -> str:
    """`$0.0182`; "cost unknown" where no price is known and something was used: unknown is never zero."""
    if not usage or not tokens(usage):
        return ""
    if usage.get("cost") is None:
        return "cost unknown"
    currency = str(usage.get("currency") or "USD")
    try:
        amount = Decimal(str(usage["cost"]))
    except InvalidOperation:
        return "cost unknown"
    return f"{CURRENCIES.get(currency, currency + ' ')}{amount:.4f}"


@register.filter
def clock(when: datetime | str | None, zone: str = "UTC") -> str:
    """`09:12` on the wall of that time zone; words stay as they are."""
    return f"{when.astimezone(ZoneInfo(zone)):%H:%M}" if isinstance(when, datetime) else str(when or "")


@register.filter
def minute(when: datetime) -> str:
    """For programs, in UTC: `2026-11-20T09:12Z`."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


@register.filter
def duration(value: float | str | None) -> str:
    """Seconds as `6.2 s`, `0.04 s`; words stay as they are."""
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:.1f} s" if value >= 1 else f"{value:.2f} s"
