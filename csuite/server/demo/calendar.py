"""The demo's dates: everything hangs on the last closed month, the one before the install."""

from dataclasses import dataclass
from datetime import date

from csuite.profiles import months

CLOSED_MONTH_OF_YEAR = 10  # the story plays with two months of the fiscal year to go, whenever it is loaded


@dataclass(frozen=True, slots=True)
class Calendar:
    """`today` is the day of the install. Months count back from the last closed one: 0, 1, 2 …"""

    today: date

    @property
    def closed(self) -> date:
        return months.last_closed(self.today)

    @property
    def fiscal_year_start(self) -> int:
        return months.shift(self.closed, 1 - CLOSED_MONTH_OF_YEAR).month

    @property
    def year_start(self) -> date:
        return months.year_start(self.closed, self.fiscal_year_start)

    @property
    def year_end(self) -> date:
        return months.last_day(months.shift(self.year_start, 11))

    def back(self, count: int) -> date:
        """The first day of the month `count` before the last closed one; negative counts lie ahead."""
        return months.shift(self.closed, -count)

    def name(self, count: int = 0) -> str:
        """`October`, or `May 2025` when it is a year or more before the last closed month."""
        return months.long(self.back(count), self.closed if count >= 0 else self.back(count))

    def day(self, number: int, count: int = -1) -> date:
        """A day of a month, by default of this one; never after today."""
        return min(self.back(count).replace(day=number), self.today)

    def said(self, number: int, count: int = -1) -> str:
        """`6 November`, for sentences; a day ahead stays ahead."""
        when = self.back(count)
        return f"{number} {months.NAMES[when.month - 1]}"
