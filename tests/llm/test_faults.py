"""Faults of a provider over real sockets, on both transports: which error, what text, what the ledger hears."""

import asyncio

import pytest

from csuite import llm
from csuite.llm import conf
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import hear, primary, question
from tests.llm.conftest import KeepingMeter
from tests.llm.servers import gone

pytestmark = pytest.mark.usefixtures("transport")


async def test_a_whole_answer_is_streamed_and_booked_with_the_providers_counts(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    with primary(fake_provider, "fake-40t-1ms"):
        heard = await hear()
    (seen,) = fake_provider.requests
    assert heard.text == seen.text
    assert heard.started == llm.Started("fake", "fake-40t-1ms", None)
    assert (heard.finished.finish_reason, heard.finished.request_id) == ("stop", "req_fake_0")
    assert (heard.finished.usage.completion, heard.finished.usage.cached) == (40, 0)
    assert not heard.finished.estimated
    (attempt,) = meter.attempts
    assert attempt.ttft_ms is not None
    assert (attempt.error_kind, attempt.usage, attempt.labels["tenant"]) == ("", heard.finished.usage, "t1")
    assert [hold.closed for hold in meter.holds] == [1]


async def test_a_call_that_is_not_streamed_gives_the_same_at_once(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-40t"):
        reply = await llm.complete(question())
    (seen,) = fake_provider.requests
    assert (reply.text, reply.usage.completion, reply.ttft_ms) == (seen.text, 40, None)
    assert "stream" not in seen.body


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("400", "invalid_request"),
        ("401", "authentication"),
        ("402", "quota"),
        ("403", "permission"),
        ("404", "not_found"),
        ("302", "not_found"),
        ("408", "timeout"),
        ("429", "rate_limit"),
        ("500", "server_error"),
        ("529", "overloaded"),
        ("html", "malformed"),
        ("gone", "connection"),
    ],
)
async def test_an_answer_that_is_none_is_an_error_of_its_kind(
    fake_provider: FakeProvider, meter: KeepingMeter, fault: str, kind: str
) -> None:
    for streamed in (True, False):
        with primary(fake_provider, f"fake-x{fault}"):
            if streamed:
                heard = await hear()
                error, events = heard.error, heard.events
            else:
                with pytest.raises(llm.errors.LLMError) as caught:
                    await llm.complete(question())
                error, events = caught.value, []
        assert error is not None
        assert (error.kind, error.provider, error.tenant, events) == (kind, "fake", "t1", [])
        assert error.sentence
        assert meter.attempts[-1].error_kind == kind


@pytest.mark.parametrize(
    ("fault", "kind"), [("cut", "midstream"), ("fin", "midstream"), ("errchunk", "midstream"), ("stall", "timeout")]
)
async def test_a_stream_that_breaks_keeps_its_words_and_is_not_written_again(
    fake_provider: FakeProvider, meter: KeepingMeter, fault: str, kind: str
) -> None:
    rows = {"other": fake_provider.row()}
    with primary(fake_provider, f"fake-20t-2ms-x{fault}", between=0.15, rows=rows), conf.override(FALLBACK="other"):
        heard = await hear()
    (seen,) = fake_provider.requests
    assert heard.kind == kind
    assert heard.text
    assert seen.text.startswith(heard.text)
    (attempt,) = meter.attempts
    assert (attempt.error_kind, attempt.usage.estimated) == (kind, True)
    assert attempt.usage.completion == -(-len(heard.text) // 4)


@pytest.mark.parametrize("fault", ["cut", "fin", "errchunk", "stall", "hang", "html", "gone"])
async def test_before_the_first_word_another_provider_answers_and_the_person_is_told(
    fake_provider: FakeProvider, meter: KeepingMeter, fault: str
) -> None:
    model, rows = f"fake-20t-2ms-0a-x{fault}", {"other": fake_provider.row("fake-6t", title="Other")}
    with primary(fake_provider, model, between=0.1, first_byte=0.1, rows=rows), conf.override(FALLBACK="other"):
        heard = await hear()
    assert heard.error is None
    assert heard.text == fake_provider.requests[-1].text
    assert heard.started.provider == "other"
    assert heard.started.note is not None
    assert heard.started.note.endswith("so fake-6t on Other wrote this.")
    assert heard.finished.note == heard.started.note
    assert [attempt.fallback for attempt in meter.attempts][-1] is True
    assert [name for name, _ in meter.events] == ["fallback"]


async def test_a_broken_chunk_is_skipped(fake_provider: FakeProvider, caplog: pytest.LogCaptureFixture) -> None:
    with primary(fake_provider, "fake-20t-1ms-xmalformed"):
        heard = await hear()
    assert heard.text == fake_provider.requests[0].text
    assert "malformed chunk" in caplog.text


async def test_a_stream_that_goes_on_and_on_ends_at_its_total_deadline(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-400t-5ms", total=0.2):
        heard = await hear()
    assert heard.kind == "timeout"
    assert heard.error is not None
    assert "total" in heard.error.detail
    assert heard.text


async def test_silence_before_the_first_byte_is_a_timeout_and_closes_the_connection(
    fake_provider: FakeProvider,
) -> None:
    with primary(fake_provider, "fake-xhang", first_byte=0.1):
        heard = await hear()
    assert heard.kind == "timeout"
    await gone(fake_provider)


async def test_a_slow_reader_is_not_a_slow_provider(fake_provider: FakeProvider) -> None:
    async def slowly(event: llm.Event) -> None:
        if isinstance(event, llm.Started):
            await asyncio.sleep(0.15)

    with primary(fake_provider, "fake-2t-1ms", between=0.1):
        assert (await hear(then=slowly)).error is None


async def test_an_unstreamed_answer_to_a_streamed_question_is_taken(fake_provider: FakeProvider) -> None:
    fake_provider.say(Answer(body='\n \n{"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}]}'))
    with primary(fake_provider):
        heard = await hear()
    assert (heard.text, heard.finished.estimated) == ("whole", True)


async def test_an_error_in_the_body_of_a_success_counts_by_its_own_code(fake_provider: FakeProvider) -> None:
    fake_provider.say(Answer(body='{"error":{"code":429,"message":"busy upstream"}}'))
    with primary(fake_provider):
        heard = await hear()
    assert heard.kind == "rate_limit"


@pytest.mark.parametrize("model", ["fake-6t-xcut-6a", "fake-6t-3ms-xcut-6a"])
async def test_what_was_received_before_a_reset_is_kept_though_the_reader_was_slow(
    fake_provider: FakeProvider, model: str
) -> None:
    async def slowly(event: llm.Event) -> None:
        if isinstance(event, llm.Started):
            while fake_provider.requests[0].outcome == "open":
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.05)

    with primary(fake_provider, model):
        heard = await hear(then=slowly)
    assert heard.kind == "midstream"
    assert heard.text == fake_provider.requests[0].text
