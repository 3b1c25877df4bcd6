"""THREATS F1 to F11 through llm.stream, over real sockets, on both transports and in both dialects.

After each: nothing cut is ever complete, no text is doubled, and the ledger has what the provider saw.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from csuite import llm
from csuite.llm import conf
from csuite.llm.providers import ANTHROPIC, ANTHROPIC_USAGE
from tests.fake_provider import Answer, FakeProvider, refusing
from tests.llm.asking import Heard, hear, primary, question, together
from tests.llm.conftest import KeepingMeter

pytestmark = pytest.mark.usefixtures("transport")

DIALECTS: dict[str, dict[str, Any]] = {
    "openai": {},
    "anthropic": {"dialect": ANTHROPIC, "usage": ANTHROPIC_USAGE},
}
WAITS: dict[str, Any] = {"first_byte": 0.15, "between": 0.15, "total": 0.3}


@pytest.fixture(params=sorted(DIALECTS))
def dialect(request: pytest.FixtureRequest) -> dict[str, Any]:
    return DIALECTS[request.param]


def agree(fake: FakeProvider, meter: KeepingMeter, heard: Heard) -> None:
    """The invariants."""
    assert len(meter.attempts) == len(fake.requests)
    sent = fake.requests[-1]
    assert sent.text.startswith(heard.text) or heard.text.startswith(sent.text)
    assert (heard.error is None) == (sent.outcome == "finished")
    if heard.error is None:
        assert heard.text == sent.text
        assert meter.attempts[-1].usage.completion == sent.tokens
        assert not meter.attempts[-1].usage.estimated
    else:
        assert not any(isinstance(event, llm.Finished) for event in heard.events)
        assert meter.attempts[-1].error_kind == heard.kind


@pytest.fixture
def other(fake_provider: FakeProvider) -> Iterator[dict[str, Any]]:
    """The rows of a fallback that answers."""
    with conf.override(FALLBACK="other"):
        yield {"other": fake_provider.row("fake-4t", title="Other")}


# F1


@pytest.mark.parametrize("address", ["", "http://no-such-host.invalid/v1"])
async def test_f1_who_cannot_be_reached_is_stood_in_for_and_counts(
    fake_provider: FakeProvider, meter: KeepingMeter, other: dict[str, Any], address: str
) -> None:
    with refusing() as refused, primary(fake_provider, base_url=address or refused, rows=other):
        heard = await hear(question(patience="interactive"))
    assert heard.error is None
    assert heard.finished.provider == "other"
    assert [row.error_kind for row in meter.attempts] == ["connection", "connection", ""]


# F2, F3, F8


@pytest.mark.parametrize("fault", ["hang", "gone"])
async def test_f2_silence_before_the_first_byte_ends_in_time_and_another_answers(
    fake_provider: FakeProvider, meter: KeepingMeter, other: dict[str, Any], dialect: dict[str, Any], fault: str
) -> None:
    with primary(fake_provider, f"fake-x{fault}", rows=other, **WAITS, **dialect):
        heard = await hear()
    assert (heard.error, heard.finished.provider) == (None, "other")
    assert len(meter.attempts) == len(fake_provider.requests) == 2


async def test_f2_an_answer_that_is_not_streamed_has_the_same_time(fake_provider: FakeProvider) -> None:
    with primary(fake_provider, "fake-5000f", **WAITS), pytest.raises(llm.errors.TimedOut):
        await llm.complete(question())


async def test_f3_f8_a_stream_that_stalls_or_trickles_is_ended_and_what_came_is_kept(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    models = ["fake-12t-1ms-xstall", "fake-12t-1ms-xcomments", "fake-40t-10ms-xtrickle"]
    rows = {
        f"{name} {model}": fake_provider.row(model, **WAITS, **dialect)
        for name, dialect in DIALECTS.items()
        for model in models
    }
    said = await together(rows)
    while any(request.outcome == "open" for request in fake_provider.requests):
        await asyncio.sleep(0.005)
    for name, heard in said.items():
        model, path = rows[name]["model"], "/messages" if name.startswith("anthropic") else "/chat/completions"
        (sent,) = [one for one in fake_provider.requests if one.model == model and one.path.endswith(path)]
        assert (heard.kind, sent.outcome) == ("timeout", "aborted"), name
        assert heard.text or "trickle" in name
        assert sent.text.startswith(heard.text), name
    assert [row.error_kind for row in meter.attempts] == ["timeout"] * len(rows)


async def test_f8_a_trickle_that_comes_to_its_end_in_time_is_read(
    fake_provider: FakeProvider, meter: KeepingMeter, dialect: dict[str, Any]
) -> None:
    with primary(fake_provider, "fake-2t-0.01ms-xtrickle", **dialect):
        heard = await hear()
    agree(fake_provider, meter, heard)
    assert heard.error is None


# F4, F5, F6


@pytest.mark.parametrize("after", [0, 1, 150, 400, 650, 900, 1400])
async def test_f4_a_reset_after_so_many_bytes_loses_and_doubles_nothing(
    fake_provider: FakeProvider, meter: KeepingMeter, dialect: dict[str, Any], after: int
) -> None:
    with primary(fake_provider, f"fake-12t-2ms-{after}b", **dialect):
        heard = await hear()
    assert heard.kind in ("midstream", "connection", "malformed")
    agree(fake_provider, meter, heard)


async def test_f4_before_the_first_word_a_reset_is_not_seen(
    fake_provider: FakeProvider, other: dict[str, Any], dialect: dict[str, Any]
) -> None:
    with primary(fake_provider, "fake-12t-1b", rows=other, **dialect):
        heard = await hear()
    assert (heard.error, heard.text) == (None, fake_provider.requests[-1].text)
    assert len(fake_provider.requests) == 2


@pytest.mark.parametrize("model", ["fake-8t-xfin", "fake-8t-8a-xfin", "fake-8t-2ms-xcut"])
async def test_f5_an_end_without_its_mark_is_no_success(
    fake_provider: FakeProvider, meter: KeepingMeter, dialect: dict[str, Any], model: str
) -> None:
    with primary(fake_provider, model, **dialect):
        heard = await hear()
    assert heard.kind == "midstream"
    agree(fake_provider, meter, heard)


@pytest.mark.parametrize("fault", ["errchunk", "erropenai", "errgroq", "erropenrouter"])
async def test_f6_an_error_in_the_middle_keeps_the_words_and_before_them_another_answers(
    fake_provider: FakeProvider, meter: KeepingMeter, other: dict[str, Any], dialect: dict[str, Any], fault: str
) -> None:
    with primary(fake_provider, f"fake-8t-2ms-x{fault}", rows=other, **dialect):
        heard = await hear()
    assert (heard.kind, len(fake_provider.requests)) == ("midstream", 1)
    agree(fake_provider, meter, heard)
    assert meter.attempts[0].usage.completion
    with primary(fake_provider, f"fake-8t-0a-x{fault}", rows=other, **dialect):
        assert (await hear()).finished.provider == "other"


# F7


@pytest.mark.parametrize("form", ["crlf", "cr", "bom", "nospace", "multiline", "gzip", "wrongtype", "badutf8"])
async def test_f7_odd_bytes_that_the_standard_allows_are_read(
    fake_provider: FakeProvider, meter: KeepingMeter, dialect: dict[str, Any], form: str
) -> None:
    with primary(fake_provider, f"fake-12t-1ms-y{form}", **dialect):
        heard = await hear()
    assert heard.error is None
    agree(fake_provider, meter, heard)


GARBAGE: list[Answer] = [
    Answer(body="<html><body>Welcome</body></html>", headers={"content-type": "text/html"}),
    Answer(body='{"choices": [', headers={"content-type": "application/json"}),
    Answer(body=b"\xff\xfe\x00garbage\x00\xff"),
    Answer(body=b""),
    Answer(body="data: {nothing\n\ndata: [DONE]\n\n", headers={"content-type": "text/event-stream"}),
    Answer(form="huge"),
    Answer(body=b"\x1f\x8bno gzip", headers={"content-encoding": "gzip"}),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda answer: repr(answer.body or answer.form)[:24])
async def test_f7_garbage_is_an_error_and_another_answers(
    fake_provider: FakeProvider,
    meter: KeepingMeter,
    other: dict[str, Any],
    dialect: dict[str, Any],
    garbage: Answer,
) -> None:
    fake_provider.say(garbage)
    with primary(fake_provider, rows=other, **dialect):
        heard = await hear()
    assert (heard.error, heard.finished.provider) == (None, "other")
    assert meter.attempts[0].error_kind in ("malformed", "midstream")
    assert len(meter.attempts) == len(fake_provider.requests) == 2


# F9


@pytest.mark.parametrize("share", [50, 90])
async def test_f9_a_provider_that_flaps_is_left_alone_after_six_failures(
    fake_provider: FakeProvider, dialect: dict[str, Any], share: int
) -> None:
    with primary(fake_provider, f"fake-2t-xflap{share}", **dialect):
        heard = [await hear() for _ in range(20)]
    assert sum(entry.status == 500 for entry in fake_provider.requests) == 6
    assert fake_provider.requests[-1].status == 500
    assert [one.kind for one in heard[len(fake_provider.requests) :]] == ["server_error"] * (
        20 - len(fake_provider.requests)
    )


# F10


async def test_f10_when_nobody_answers_the_error_comes_soon_and_without_a_storm(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    rows = {"other": fake_provider.row("fake-x503")}
    with primary(fake_provider, "fake-x500", rows=rows), conf.override(FALLBACK="other"):
        heard = await hear(question(patience="interactive"))
    assert heard.error is not None
    assert (heard.error.code, heard.error.tried) == ("provider_unavailable", ("fake", "other"))
    assert [entry.model for entry in fake_provider.requests].count("fake-x500") == 1
    assert len(fake_provider.requests) == len(meter.attempts) <= 2 * 4
    waited = sum(float(str(facts["wait"])) for name, facts in meter.events if name == "retry")
    assert waited <= 3, "nobody waits longer than that for a retry"


# F11


@pytest.mark.parametrize(
    ("said", "calls"),
    [
        ("3600", 1),
        ("Fri, 31 Dec 2100 23:59:59 GMT", 1),
        ("abc", 2),
        ("-5", 2),
        ("nan", 2),
        ("1e400", 2),
        ("", 2),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 2),
    ],
)
async def test_f11_an_odd_retry_after_is_capped_or_passed_over(
    fake_provider: FakeProvider, said: str, calls: int
) -> None:
    fake_provider.say(Answer(fault="429", headers={"retry-after": said}))
    with primary(fake_provider, "fake-2t"):
        heard = await hear(question(patience="interactive"))
    assert len(fake_provider.requests) == calls
    assert heard.kind == ("rate_limit" if calls == 1 else "")
    assert heard.error is None or (heard.error.retry_after or 0) <= 86_400


async def test_a_retry_after_on_a_good_answer_means_nothing(
    fake_provider: FakeProvider, meter: KeepingMeter, dialect: dict[str, Any]
) -> None:
    fake_provider.say(Answer("fine", headers={"retry-after": "20"}))
    with primary(fake_provider, **dialect):
        heard = await hear()
        assert (await hear()).error is None
    assert (heard.error, heard.text, meter.events) == (None, "fine", [])
