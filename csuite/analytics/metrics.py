"""Counters of model calls for Prometheus, fed from the same attempts as the ledger.

No label comes from a person or a tenant: the series stay few and carry nothing private.
"""

from prometheus_client import Counter, Gauge, Histogram

from csuite.llm.hold import Attempt

_SECONDS = (0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 900)

attempts = Counter(
    "csuite_llm_attempts_total", "Attempts at a provider; error is empty when it answered",
    ["provider", "model", "task", "error"],
)  # fmt: skip
tokens = Counter("csuite_llm_tokens_total", "Tokens as providers count them", ["provider", "model", "kind"])
cost = Counter("csuite_llm_cost_total", "Cost of priced attempts", ["provider", "model", "currency"])
unpriced = Counter("csuite_llm_unpriced_total", "Attempts without a known price", ["provider", "model"])
first_text = Histogram("csuite_llm_first_text_seconds", "To the first text", ["provider", "model"], buckets=_SECONDS)
total_time = Histogram("csuite_llm_total_seconds", "To the end", ["provider", "model"], buckets=_SECONDS)
holds = Gauge("csuite_llm_holds", "Reservations that are open in this process")
refused = Counter("csuite_llm_refused_total", "Calls that the meter refused", ["reason"])
events = Counter("csuite_llm_events_total", "Cache, breaker and step-down events", ["event"])
ledger_lost = Counter(
    "csuite_ledger_unwritten_total", "Ledger rows that went to the log instead; replay_ledger reads them back"
)


def count(attempt: Attempt) -> None:
    """Counts one attempt, whole or not."""
    provider, model, usage = attempt.provider, attempt.model, attempt.usage
    attempts.labels(provider, model, attempt.task, attempt.error_kind).inc()
    for kind, number in (
        ("prompt", usage.prompt),
        ("completion", usage.completion),
        ("cached", usage.cached),
        ("cache_write", usage.cache_write),
        ("reasoning", usage.reasoning),
    ):
        if number:
            tokens.labels(provider, model, kind).inc(number)
    if attempt.cost is None:
        unpriced.labels(provider, model).inc()
    else:
        cost.labels(provider, model, attempt.currency).inc(float(attempt.cost))
    if attempt.ttft_ms is not None:
        first_text.labels(provider, model).observe(attempt.ttft_ms / 1000)
    if attempt.total_ms is not None:
        total_time.labels(provider, model).observe(attempt.total_ms / 1000)
