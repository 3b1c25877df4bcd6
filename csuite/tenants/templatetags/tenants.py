"""Small words of this package's templates."""

from django import template

register = template.Library()

LIMITS = {
    "chat": "Questions of the company",
    "api": "Requests of programs",
    "expensive": "Large operations",
    "user_minute": "Your questions",
    "user_day": "Your questions in a day",
}
SPANS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


@register.filter
def limit_label(name: str) -> str:
    return LIMITS.get(name, name)


@register.filter
def span_of(seconds: int) -> str:
    """`a minute`, `15 minutes`."""
    length, word = next(pair for pair in SPANS if seconds % pair[0] == 0)
    count = seconds // length
    return f"{'an' if word == 'hour' else 'a'} {word}" if count == 1 else f"{count} {word}s"
