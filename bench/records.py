"""What one stream saw, and what many streams add up to."""

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

# The fake provider stamps each delta with the machine's monotonic clock: each token tells its own delay.
STAMP = re.compile(rb"~(\d+)~")

# What counts as a good stream: all of it in milliseconds, at the 95th percentile.
GOOD_GAP = 100.0
GOOD_DELAY = 100.0
GOOD_FIRST = 500.0


def percentile(values: list[float], q: float) -> float | None:
    """The smallest value that at least q percent do not exceed; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q / 100 * len(ordered)))]


@dataclass(slots=True)
class Record:
    """One stream. Times are monotonic nanoseconds; `arrivals` and `delays` have one entry per token."""

    sent: int = 0
    ended: int = 0
    arrivals: list[int] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)
    error: str | None = None

    def take(self, payload: bytes) -> None:
        """Counts the stamped tokens of a frame that has just arrived."""
        now = time.monotonic_ns()
        for mark in STAMP.findall(payload):
            self.arrivals.append(now)
            self.delays.append(now - int(mark))


@dataclass(frozen=True, slots=True)
class Summary:
    """`*_ms` are milliseconds; `short`: streams that ended with fewer or more tokens than expected."""

    streams: int
    complete: int
    short: int
    tokens: int
    errors: dict[str, int]
    first_p50_ms: float | None
    first_p95_ms: float | None
    gap_p95_ms: float | None
    delay_p50_ms: float | None
    delay_p95_ms: float | None

    @property
    def good(self) -> bool:
        """Every stream came whole, soon and evenly."""
        figures = (self.first_p95_ms, self.gap_p95_ms, self.delay_p95_ms)
        if self.complete != self.streams or self.short or None in figures:
            return False
        first, gap, delay = (value or 0.0 for value in figures)
        return first < GOOD_FIRST and gap < GOOD_GAP and delay < GOOD_DELAY

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__} | {"good": self.good}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def summary(records: list[Record], tokens_each: int) -> Summary:
    """Adds up the streams of one run, each of which should have brought `tokens_each` tokens."""
    whole = [record for record in records if record.ended and record.error is None]
    gaps = [(b - a) / 1e6 for r in whole for a, b in zip(r.arrivals, r.arrivals[1:], strict=False)]
    delays = [delay / 1e6 for record in whole for delay in record.delays]
    firsts = [(record.arrivals[0] - record.sent) / 1e6 for record in whole if record.arrivals]
    return Summary(
        streams=len(records),
        complete=len(whole),
        short=sum(len(record.arrivals) != tokens_each for record in whole),
        tokens=sum(len(record.arrivals) for record in records),
        errors=dict(Counter(record.error for record in records if record.error)),
        first_p50_ms=_rounded(percentile(firsts, 50)),
        first_p95_ms=_rounded(percentile(firsts, 95)),
        gap_p95_ms=_rounded(percentile(gaps, 95)),
        delay_p50_ms=_rounded(percentile(delays, 50)),
        delay_p95_ms=_rounded(percentile(delays, 95)),
    )
