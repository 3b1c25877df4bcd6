"""How the home page says hello."""

from datetime import datetime

MORNING, AFTERNOON, EVENING = 4, 12, 18  # hours at which they begin


def greeting(now: datetime, name: str) -> str:
    """By the clock on the wall of `now`, which carries its time zone."""
    if MORNING <= now.hour < AFTERNOON:
        part = "morning"
    elif AFTERNOON <= now.hour < EVENING:
        part = "afternoon"
    else:
        part = "evening"
    return f"Good {part}, {name}" if name else f"Good {part}"


def long_date(now: datetime) -> str:
    """`Friday 20 November 2026`."""
    return f"{now:%A} {now.day} {now:%B %Y}"
