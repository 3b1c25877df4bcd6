"""How long calls took, as distributions, for each combination of dimensions that a report asks for (`cut`).

A percentile cannot be added up, its distribution can, at a price: it is two hundred numbers. So there is one cell for
each row that a report may show, whatever the currency, and no report has to add up those of a finer one.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from csuite.analytics.rollups.measures import Cell, Source

# name -> dimensions, the coarsest first
CUTS: dict[str, tuple[str, ...]] = {
    "all": (),
    "task": ("task",),
    "model": ("provider", "model"),
    "kind": ("task", "kind"),
    "task_model": ("task", "provider", "model"),
}


class PaceCell(Cell):
    """`times` is packed (histogram.py); dimensions that are not of its cut are empty."""

    cut = models.CharField(max_length=10)
    task = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    provider = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=200, blank=True)
    times: "ArrayField[list[int], list[int]]" = ArrayField(models.BigIntegerField())

    dimensions = ("task", "kind", "provider", "model")
    source = Source("ledger", "started_at", corrected=False)

    class Meta(Cell.Meta):
        db_table = "rollup_pace"
        indexes = [models.Index(fields=["tenant", "span", "cut", "at"], name="rollup_pace_time")]


def cut_for(keys: tuple[str, ...]) -> str:
    """The coarsest one that knows these dimensions."""
    return next(name for name, dimensions in CUTS.items() if set(keys) <= set(dimensions))
