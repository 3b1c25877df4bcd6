"""When the same route is asked again: never after a word, not beside a fallback, not longer than a person waits."""

import pytest

from csuite import llm
from csuite.llm import conf, retrying
from csuite.llm.errors import CLASSES, LLMError, Oversized, RateLimited
from csuite.llm.retrying import ALLOWANCES, FIRST_WAIT, Patience, backoff, wait_before_again
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import hear, primary, question
from tests.llm.conftest import KeepingMeter


@pytest.fixture
def real_waits(meter: KeepingMeter, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they ship; the other tests of this folder wait shorter."""
    monkeypatch.setattr(retrying, "FIRST_WAIT", FIRST_WAIT)


def wait(error: LLMError, patience: Patience = "interactive", **given: object) -> float | None:
    facts = {"failed": 1, "since": 0.0, "fallback_at_hand": False, **given}
    return wait_before_again(error, patience, **facts)  # type: ignore[arg-type]


PASSING = ["rate_limit", "timeout", "overloaded", "server_error", "connection", "malformed", "midstream"]


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_only_what_may_pass_is_tried_again(kind: str) -> None:
    assert (wait(CLASSES[kind]()) is not None) == (kind in PASSING)


@pytest.mark.parametrize("kind", PASSING)
def test_beside_a_fallback_only_a_refused_connection_is_opened_again_once(kind: str) -> None:
    error = CLASSES[kind]()
    assert wait(error, fallback_at_hand=True) == (0.0 if kind == "connection" else None)
    assert wait(error, failed=2, fallback_at_hand=True) is None


@pytest.mark.usefixtures("real_waits")
def test_a_route_alone_is_opened_three_times_more_within_three_seconds() -> None:
    error = CLASSES["server_error"]()
    assert all(wait(error, failed=times) is not None for times in (1, 2, 3))
    assert wait(error, failed=4) is None
    assert wait(error, since=2.9) is None
    assert wait(error, "batch", since=2.9) is not None
    assert wait(error, "batch", since=29.9) is None
    assert wait(error, "none") is None


@pytest.mark.usefixtures("real_waits")
def test_waits_double_and_are_spread() -> None:
    assert [backoff(times, lambda: 0.0) for times in (1, 2, 3)] == [0.2, 0.4, 0.8]
    assert backoff(1, lambda: 1.0) == pytest.approx(0.3)
    assert sum(backoff(times, lambda: 1.0) for times in (1, 2, 3)) < ALLOWANCES["interactive"].seconds


@pytest.mark.parametrize(
    ("said", "interactive", "batch"),
    [(0.0, True, True), (1.5, True, True), (3.5, False, True), (31.0, False, False), (86_400.0, False, False)],
)
def test_retry_after_is_obeyed_or_the_refusal_is_final(said: float, interactive: bool, batch: bool) -> None:
    error = RateLimited(retry_after=said)
    for patience, waits in (("interactive", interactive), ("batch", batch)):
        found = wait(error, patience)  # type: ignore[arg-type]
        assert (found is not None) == waits
        assert found is None or found >= said


def test_a_request_that_is_too_large_for_a_minute_is_never_sent_again() -> None:
    error = Oversized(retry_after=1.0)
    assert (error.kind, error.code, error.retryable) == ("rate_limit", "too_long", False)
    assert wait(error) is None


async def test_a_busy_provider_that_is_alone_is_asked_again_and_the_answer_comes(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    fake_provider.say(Answer(fault="500"))
    with primary(fake_provider, "fake-4t"):
        heard = await hear(question(patience="interactive"))
    assert (heard.error, heard.finished.note) == (None, None)
    assert [(row.number, row.error_kind, row.fallback) for row in meter.attempts] == [
        (1, "server_error", False),
        (2, "", False),
    ]
    assert [name for name, _ in meter.events] == ["retry"]


async def test_with_a_fallback_at_hand_a_busy_provider_is_asked_once(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    rows = {"other": fake_provider.row("fake-4t")}
    with primary(fake_provider, "fake-x429", rows=rows), conf.override(FALLBACK="other"):
        heard = await hear(question(patience="interactive"))
    assert heard.error is None
    assert [entry.model for entry in fake_provider.requests] == ["fake-x429", "fake-4t"]
    assert [name for name, _ in meter.events] == ["rate_limit", "fallback"]


async def test_a_long_retry_after_is_the_end_and_the_error_says_how_long(fake_provider: FakeProvider) -> None:
    fake_provider.say(Answer(fault="429", headers={"retry-after": "3600"}))
    with primary(fake_provider):
        heard = await hear(question(patience="interactive"))
    assert len(fake_provider.requests) == 1
    assert heard.error is not None
    assert (heard.kind, heard.error.retry_after) == ("rate_limit", 3600.0)


async def test_a_batch_waits_longer_than_a_person(fake_provider: FakeProvider) -> None:
    fake_provider.say(Answer(fault="429", headers={"retry-after": "0"}))
    with primary(fake_provider, "fake-4t"):
        (reply,) = await llm.batch([question()])
    assert isinstance(reply, llm.Reply)
    assert len(fake_provider.requests) == 2


async def test_after_the_first_word_nothing_is_asked_again(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-8t-xcut-2a-1ms"):
        heard = await hear(question(patience="batch"))
    assert heard.kind == "midstream"
    assert len(fake_provider.requests) == 1
