"""The figures that queries are made of: each has a name, a type, what it means, and how it comes from cells."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["count", "money", "ratio", "number"]
TYPES: dict[Kind, Any] = {"count": int, "money": str | None, "ratio": float | None, "number": float | None}


@dataclass(frozen=True, slots=True)
class Column:
    """`sql` sums over the cells of a row. Instead of it: `histogram` and `share` for a percentile, divided by
    `scale`; or `of`, the figure of the totals that the figure `part` of a row is divided by."""

    name: str
    kind: Kind
    about: str
    sql: str = ""
    histogram: str = ""
    share: float = 0.0
    scale: float = 1.0
    part: str = ""
    of: str = ""

    def called(self, name: str, about: str = "") -> "Column":
        return replace(self, name=name, about=about or self.about)


def total(name: str, about: str, measure: str = "") -> Column:
    return Column(name, "count", about, f"coalesce(sum({measure or name}), 0)")


def rate(name: str, about: str, part: str, whole: str) -> Column:
    """Null where there is no whole."""
    return Column(name, "ratio", about, f"(sum({part})::numeric / nullif(sum({whole}), 0))")


def mean(name: str, about: str, part: str, whole: str = "calls") -> Column:
    return Column(name, "number", about, f"(sum({part})::numeric / nullif(sum({whole}), 0))")


def share(name: str, about: str, part: str, of: str = "") -> Column:
    return Column(name, "ratio", about, part=part, of=of or part)


def percentile(name: str, about: str, histogram: str, share: float, scale: float = 1.0) -> Column:
    about = f"{about} Within 4 % of the exact value, in all currencies."
    return Column(name, "number", about, histogram=histogram, share=share, scale=scale)


# What unknown prices leave of a sum: nothing, if no call had a price.
_KNOWN = "CASE WHEN sum(calls) > sum(unpriced) THEN sum(money) END"
_TOKENS = "(input_tokens + output_tokens)"

CALLS = total("calls", "Attempts at a provider, failed and stopped ones included.")
COST = Column("cost", "money", "Of the priced calls; null if none has a price.", _KNOWN)
UNPRICED = total("unpriced_calls", "Calls without a known price; they are in no cost.", "unpriced")
INPUT = total("input_tokens", "With cached tokens, wherever the provider counts them.")
OUTPUT = total("output_tokens", "Tokens of the answers, reasoning included.")
TOKENS = Column("tokens", "count", "Input and output.", f"coalesce(sum({_TOKENS}), 0)")
CACHED = total("cached_tokens", "Input tokens that came from the provider's cache.")
REASONING = total("reasoning_tokens", "Output tokens that nobody reads.")
ANSWERED = total("answered", "Attempts that ended with a whole answer.")
FAILED = total("failed", "Attempts that ended with an error.")
STOPPED = total("stopped", "Attempts that somebody stopped.")
FALLBACKS = total("fallbacks", "Attempts because another model had failed.")
ERROR_RATE = rate("error_rate", "Failed of all attempts.", "failed", "calls")
COMPLETION = rate("completion_rate", "Whole answers of all calls begun, fallbacks counted once.", "answered", "begun")
UPTIME = Column(
    "uptime",
    "ratio",
    "Attempts that the provider did not break by a timeout, an error of its own or a broken line.",
    "(1 - sum(faults)::numeric / nullif(sum(calls) - sum(stopped), 0))",
)
JSON_RATE = rate("json_valid_rate", "Valid of the answers that had to be JSON.", "json_valid", "json_checked")
COST_PER_CALL = Column(
    "cost_per_call", "money", "Cost of a priced call.", "(sum(money) / nullif(sum(calls) - sum(unpriced), 0))"
)
COST_PER_1K = Column(
    "cost_per_1k_tokens",
    "money",
    "Of priced calls.",
    f"(sum(money) * 1000 / nullif(sum({_TOKENS}) - sum(unpriced_tokens), 0))",
)
SHARE_OF_COST = share("share_of_cost", "Of the cost of all rows.", "cost")
SHARE_OF_CALLS = share("share_of_calls", "Of the calls of all rows.", "calls")
MEAN_MS = mean("mean_ms", "Whole time of an attempt.", "total_ms", "timed")
TTFT_P50 = percentile("ttft_ms_p50", "To the first text of a streamed answer, median.", "first_ms", 0.5)
TTFT_P95 = percentile("ttft_ms_p95", "To the first text of a streamed answer.", "first_ms", 0.95)
TOTAL_P50 = percentile("total_ms_p50", "Whole time of an attempt, median.", "total_ms", 0.5)
TOTAL_P95 = percentile("total_ms_p95", "Whole time of an attempt.", "total_ms", 0.95)
SPEED_P50 = percentile("tokens_per_second", "From the first text to the end, median.", "speed", 0.5, 10)


def shown(column: Column, value: Any) -> Any:
    """As the interface says it: money is text, ratios have four places, times one."""
    if value is None:
        return None
    if column.kind == "money":
        return money(value)
    if column.kind == "count":
        return int(value)
    return round(float(value), 4 if column.kind == "ratio" else 1)


def money(amount: Decimal) -> str:
    """Every place that counts, two at least: `12.50`, `0.00012`."""
    whole, _, places = f"{amount:.10f}".rstrip("0").partition(".")
    return f"{whole}.{places:0<2}"
