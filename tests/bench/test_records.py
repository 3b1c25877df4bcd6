"""What counts as a good stream, and what a run adds up to."""

from bench.records import Record, percentile, summary
from bench.report import table

MS = 1_000_000


def stream(first: int = 10, gap: int = 50, delay: int = 1, tokens: int = 4, **more: object) -> Record:
    """Times in milliseconds."""
    record = Record(sent=0, ended=10**9)
    record.arrivals = [(first + gap * n) * MS for n in range(tokens)]
    record.delays = [delay * MS] * tokens
    for name, value in more.items():
        setattr(record, name, value)
    return record


def test_streams_that_come_whole_soon_and_evenly_are_good() -> None:
    found = summary([stream() for _ in range(5)], tokens_each=4)
    assert found.good
    assert (found.tokens, found.first_p95_ms, found.gap_p95_ms, found.delay_p95_ms) == (20, 10, 50, 1)


def test_one_bad_stream_is_enough() -> None:
    for bad in (
        stream(first=600),
        stream(gap=120),
        stream(delay=150),
        stream(tokens=3),
        stream(error="rate_limited"),
        stream(ended=0),
    ):
        assert not summary([stream(), bad], tokens_each=4).good


def test_a_run_without_a_token_is_not_good() -> None:
    assert not summary([stream(tokens=0)], tokens_each=0).good


def test_tokens_of_one_frame_are_counted_apart() -> None:
    record = Record()
    record.take(b'{"text":" w~12~ w~13~"}')
    assert len(record.arrivals) == len(record.delays) == 2


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([float(n) for n in range(1, 101)], 95) == 96
    assert percentile([], 95) is None


def test_the_table_holds_what_was_measured_and_nothing_else() -> None:
    text = table({"burst": {"bare": 9.0, "csuite": 88.5}})
    assert "88.5" in text
    assert "memory" not in text
