"""Whether a metric's newest value is as new as it should be."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Q

from csuite.profiles import months
from csuite.profiles.models import Metric

LENGTH = {Metric.Cadence.MONTHLY: 1, Metric.Cadence.QUARTERLY: 3, Metric.Cadence.YEARLY: 12}  # months
NEWEST = Max("points__period", filter=Q(points__is_forecast=False, points__line=""))  # annotates a Metric
CLOSING = timedelta(days=20)  # that the books of a period may take


@dataclass(frozen=True, slots=True)
class Freshness:
    """`due`: the day by which the next value should be there; None without any value. `days_late`: 0 if it is not."""

    due: date | None
    days_late: int

    @property
    def words(self) -> str:
        if self.due is None:
            return "No values yet"
        if not self.days_late:
            return "Up to date"
        return f"{self.days_late} day{'' if self.days_late == 1 else 's'} late"


def freshness(cadence: str, newest: date | None, today: date) -> Freshness:
    """`newest`: the first day of the newest month that has a value."""
    if newest is None:
        return Freshness(None, 0)
    length = LENGTH.get(Metric.Cadence(cadence), 1)
    due = months.last_day(months.shift(newest, length)) + CLOSING
    return Freshness(due, max(0, (today - due).days))
