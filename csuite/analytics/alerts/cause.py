"""Who or what spends most in a span of time, in one sentence, from rollups. In a tenant's scope."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from csuite.analytics.names import people
from csuite.analytics.rollups import Cell, PersonaCell, PersonCell, StageCell

MOST = Decimal("0.5")  # a part that is worth naming


def spender(since: datetime, until: datetime) -> str:
    """As in "Most of it by Priya Nair (72%), for summarize."; "" if nothing stands out."""
    person = _largest(PersonCell, "user", since, until)
    task = _largest(StageCell, "task", since, until)
    persona = _largest(PersonaCell, "persona", since, until)
    said = []
    if person:
        said.append(f"by {people([person[0]])[person[0]]} ({person[1]:.0%})")
    if persona and persona[0]:
        said.append(f"with the {persona[0].upper()} ({persona[1]:.0%})")
    if task and task[0] != "chat":
        said.append(f"for {task[0]} ({task[1]:.0%})")
    return f"Most of it {', '.join(said)}." if said else ""


def _largest(cell: type[Cell], dimension: str, since: datetime, until: datetime) -> tuple[Any, Decimal] | None:
    """The value that spends most and its share, if that is most of all."""
    span = "hour" if until - since <= timedelta(days=1) else "day"
    cells = cell.objects.filter(span=span, at__gte=since, at__lt=until)
    rows = list(cells.values_list(dimension).annotate(cost=Sum("cost")).order_by("-cost", dimension))
    whole = sum((cost for _, cost in rows), Decimal(0))
    if not whole or rows[0][1] / whole < MOST:
        return None
    return rows[0][0], rows[0][1] / whole
