"""THREATS §2, row by row: what a provider sends, and what is done about it.

Each case goes through llm.stream against the fake provider: alone, beside another one, and again and again until its
circuit opens. What is to be done stands here in full, so that a changed record of errors.KINDS fails.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from csuite import llm
from csuite.llm import breaker, conf
from csuite.llm.errors import (
    BROKEN_OFF,
    BUSY,
    FILTERED,
    KINDS,
    MISCONFIGURED,
    NOT_VALID,
    REFUSED,
    SLOW,
    TOO_LONG,
    UNREACHABLE,
    Kind,
)
from csuite.llm.providers import table
from tests.exchanges.recordings import FOLDER, OWN, missing, recording
from tests.fake_provider import Answer, FakeProvider, refusing
from tests.llm.asking import Heard, hear, primary, question
from tests.llm.conftest import KeepingMeter

RESTS = {"no": (), "soft": (60,), "yes": (300,), "long": (900,)}  # seconds that its circuit is then open
OPENS_AT = {"no": None, "soft": 6, "yes": 6, "long": 1}  # the failure that opens it


@dataclass(frozen=True)
class Deed:
    """alone, beside: the requests that one call makes, where nobody else is at hand and where somebody is.

    falls_back: to "any" other provider, to one that holds "more", or "no". reads: by the person whom nobody answers.
    """

    kind: str
    alone: int
    beside: int
    falls_back: str
    breaker: str
    reads: str
    code: str = "provider_unavailable"
    alert: bool = False


LIMITED = Deed("rate_limit", 4, 1, "any", "soft", BUSY)
LATER = replace(LIMITED, alone=1)  # its Retry-After is longer than anybody waits
TOO_LARGE = Deed("rate_limit", 1, 1, "any", "no", TOO_LONG, "too_long")
QUOTA = Deed("quota", 1, 1, "any", "long", MISCONFIGURED, alert=True)
KEY = Deed("authentication", 1, 1, "any", "long", MISCONFIGURED, alert=True)
PERMISSION = Deed("permission", 1, 1, "any", "long", MISCONFIGURED, alert=True)
BAD = Deed("invalid_request", 1, 1, "no", "no", REFUSED, "internal")
WINDOW = Deed("context_length", 1, 1, "more", "no", TOO_LONG, "too_long")
MODEL = Deed("not_found", 1, 1, "any", "no", MISCONFIGURED, alert=True)
OVERLOADED = Deed("overloaded", 4, 1, "any", "yes", BUSY)
FAILED = Deed("server_error", 4, 1, "any", "yes", UNREACHABLE)
NOBODY = Deed("connection", 4, 2, "any", "yes", UNREACHABLE)
SILENT = Deed("timeout", 4, 1, "any", "yes", SLOW)
BEFORE_A_WORD = Deed("midstream", 4, 1, "any", "yes", BROKEN_OFF)
AFTER_WORDS = Deed("midstream", 1, 1, "no", "yes", BROKEN_OFF)
# Beside the section's rows, so that every kind that a provider can cause has one.
GARBAGE = Deed("malformed", 4, 1, "any", "yes", UNREACHABLE)
DECLINED = Deed("content_filter", 1, 1, "no", "no", FILTERED, "internal")
ANOTHER_FORM = Deed("validation", 1, 1, "no", "no", NOT_VALID, "internal")


def sent(status: int, message: str = "", code: object = None, **headers: str) -> Answer:
    body = json.dumps({"error": {"message": message, "code": code}})
    return Answer(status=status, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def midway(fault: str, words: int) -> Answer:
    return Answer(fault=fault, pieces=["Margin", " fell", "."], after=words)


Said = str | Answer | None  # an exchange (provider/name), what the fake provider answers, or nobody listens
CASES: tuple[tuple[str, Said, Deed], ...] = (
    ("rate limit, with a time to come back", sent(429, retry_after="0"), LIMITED),
    ("rate limit for longer than anybody waits", sent(429, retry_after="60"), LATER),
    ("rate limit of Anthropic", "anthropic/http_429", LATER),
    ("rate limit of Fireworks, as a string", "fireworks/http_error_string", LIMITED),
    (
        "request too large",
        sent(413, "Request too large: Limit 6000, Requested 14810", "rate_limit_exceeded"),
        TOO_LARGE,
    ),
    ("request too large at Groq", "groq/http_too_large", TOO_LARGE),
    ("quota used up", sent(429, "You exceeded your current quota", "insufficient_quota"), QUOTA),
    ("key refused", sent(401), KEY),
    ("key refused by OpenAI", "openai/err401_auth_1", KEY),
    ("key refused by Anthropic", "anthropic/err401_auth_1", KEY),
    ("key refused by OpenRouter", "openrouter/err401_auth_2", KEY),
    ("not in this region (OpenRouter)", sent(403, "This model is not available in your region.", 403), PERMISSION),
    ("not allowed by Anthropic", "anthropic/http_403", PERMISSION),
    ("bad request", sent(400), BAD),
    ("bad use of a tool at Groq", "groq/err400_tool_use_failed_1", BAD),
    ("bad request at Mistral", "mistral/http_422", BAD),
    ("too long, by OpenAI's code", sent(400, "x", "context_length_exceeded"), WINDOW),
    ("too long, by Anthropic's words", sent(400, "prompt is too long: 9 tokens > 8 maximum"), WINDOW),
    ("too many bytes, by Anthropic's words", sent(400, "too many total text bytes"), WINDOW),
    ("too long, passed on by OpenRouter", sent(400, "This endpoint's maximum context length is 8 tokens", 400), WINDOW),
    ("too long at Anthropic", "anthropic/err400_context_length_1", WINDOW),
    ("too long at Cohere", "cohere/http_too_long", WINDOW),
    ("no such model", sent(404), MODEL),
    ("no such model at OpenAI", "openai/err404_not_found_1", MODEL),
    ("no such model at Groq", "groq/err404_not_found_1", MODEL),
    ("overloaded", "anthropic/http_529", OVERLOADED),
    ("500", sent(500), FAILED),
    ("502, with a page", "openai/http_html", FAILED),
    ("503", sent(503), FAILED),
    ("refused connection", None, NOBODY),
    ("connection gone before an answer", Answer(fault="gone"), NOBODY),
    ("no answer in time", Answer(fault="hang"), SILENT),
    ("429 in a 200", sent(200, "busy", 429), LIMITED),
    ("402 in a 200", sent(200, "no credits", 402), QUOTA),
    ("502 in a 200", sent(200, "down", 502), FAILED),
    ("429 in a 200 of OpenRouter", "openrouter/http200_error_body_1", LIMITED),
    ("429 as OpenRouter's first event", "openrouter/stream_error_first", LIMITED),
    ("429 as Anthropic's first event", "anthropic/stream_error_first", LIMITED),
    ("error before a word, OpenAI's way", midway("erropenai", 0), BEFORE_A_WORD),
    ("error before a word, Groq's way", midway("errgroq", 0), BEFORE_A_WORD),
    ("error before a word, OpenRouter's way", midway("erropenrouter", 0), BEFORE_A_WORD),
    ("error before a word at Groq", "groq/midstream_error_2", BEFORE_A_WORD),
    ("error after words, OpenAI's way", midway("erropenai", 2), AFTER_WORDS),
    ("error after words, Groq's way", midway("errgroq", 2), AFTER_WORDS),
    ("error after words, OpenRouter's way", midway("erropenrouter", 2), AFTER_WORDS),
    ("error after words at OpenAI", "openai/midstream_error_1", AFTER_WORDS),
    ("overloaded after words at Anthropic", "anthropic/stream_overloaded", AFTER_WORDS),
    ("error in a choice at OpenRouter", "openrouter/stream_error_choice", AFTER_WORDS),
    ("a page in a 200", "openai/plain_html", GARBAGE),
    ("declined by a filter", sent(400, "x", "content_filter"), DECLINED),
    ("JSON of another form at Groq", sent(400, "x", "json_validate_failed"), ANOTHER_FORM),
)


def there(said: Said) -> bool:
    return not isinstance(said, str) or any((folder / f"{said}.json").exists() for folder in (OWN, FOLDER))


each = pytest.mark.parametrize(
    ("said", "deed"),
    [pytest.param(said, deed, id=name, marks=() if there(said) else missing) for name, said, deed in CASES],
)


def always(said: Said) -> Answer:
    """The same, each time that the first provider is asked; the other one has a model of another name."""
    if not isinstance(said, str):
        return replace(said or Answer(), match='"model":"m"', repeat=True)
    told = recording(said)["response"]
    headers = {name: value for name, value in told["headers"].items() if name in ("content-type", "retry-after")}
    return Answer(status=told["status"], body=told["body"], headers=headers, match='"model":"m"', repeat=True)


class First:
    """The provider that answers so, with or without another one at hand."""

    def __init__(self, fake: FakeProvider, said: Said) -> None:
        self.fake, self.listens = fake, said is not None
        row = table()[said.partition("/")[0] if isinstance(said, str) else "openai"]
        limit = 0.04 if isinstance(said, Answer) and said.fault else 5.0  # only who never answers is waited for
        self.row: dict[str, Any] = {"dialect": row.dialect, "usage": row.usage, "first_byte": limit}
        fake.say(always(said))

    async def ask(self, other: bool = False, holds: int = 8_000, **fields: Any) -> Heard:
        """holds: the tokens that the other one does."""
        windows = {"fake/m": {"window": 8_000}, "other/fake-4t": {"window": holds}}
        rows = {"other": self.fake.row("fake-4t", title="Other")}
        with refusing() as nobody, conf.override(FALLBACK="other" if other else "", MODELS=windows):
            moved = {} if self.listens else {"base_url": nobody}
            with primary(self.fake, "m", rows=rows, **self.row, **moved):
                return await hear(question(**{"patience": "interactive", **fields}))

    def asked(self, meter: KeepingMeter) -> int:
        """How often it was, by the ledger and, where it listens, by its own word."""
        rows = sum(row.provider == "fake" for row in meter.attempts)
        assert not self.listens or rows == sum(entry.model == "m" for entry in self.fake.requests)
        return rows


@each
async def test_alone_it_is_asked_so_often_and_the_person_reads_this(
    fake_provider: FakeProvider, meter: KeepingMeter, said: Said, deed: Deed
) -> None:
    first = First(fake_provider, said)
    heard = await first.ask()
    assert heard.error is not None
    assert (heard.kind, heard.error.code, heard.error.sentence) == (deed.kind, deed.code, deed.reads)
    assert bool(heard.text) == (deed is AFTER_WORDS)
    assert first.asked(meter) == deed.alone
    assert {row.error_kind for row in meter.attempts} == {deed.kind}


@each
async def test_beside_another_it_is_left_or_not(
    fake_provider: FakeProvider, meter: KeepingMeter, said: Said, deed: Deed
) -> None:
    first = First(fake_provider, said)
    heard = await first.ask(other=True)
    assert first.asked(meter) == deed.beside
    if deed.falls_back == "any":
        assert (heard.error, heard.finished.provider) == (None, "other")
        assert heard.finished.note == f"Fake {record_of(deed).reason}, so fake-4t on Other wrote this."
        return
    assert (heard.kind, len(meter.attempts)) == (deed.kind, 1)
    if deed.falls_back == "more":
        assert (await first.ask(other=True, holds=32_000)).finished.provider == "other"


@each
async def test_it_counts_against_the_provider_so_much(
    fake_provider: FakeProvider, meter: KeepingMeter, said: Said, deed: Deed
) -> None:
    first = First(fake_provider, said)
    for _ in range(8):
        await first.ask(patience="none")
    assert first.asked(meter) == (OPENS_AT[deed.breaker] or 8)
    left = [circuit.left for circuit in (await breaker.standing()).values()]
    assert left == pytest.approx(RESTS[deed.breaker], abs=5)
    alerts = [name for name, facts in meter.events if facts.get("alert")]
    assert alerts == {"long": ["breaker_open"], "no": ["unhealthy"] * 8}.get(deed.breaker, []) * deed.alert


def record_of(deed: Deed) -> Kind:
    return llm.errors.OVERSIZED if deed is TOO_LARGE else KINDS[deed.kind]


@pytest.mark.parametrize("deed", list(dict.fromkeys(deed for _, _, deed in CASES)), ids=lambda deed: deed.kind)
def test_the_one_table_says_the_same(deed: Deed) -> None:
    record = record_of(deed)
    assert record.fallback == {"any": "next", "more": "larger", "no": "no"}[deed.falls_back] or deed is AFTER_WORDS
    assert record.retry == ("opening" if deed.alone > 1 else "never") or deed in (LATER, AFTER_WORDS)
    assert record.retries_beside == deed.beside - 1
    assert (record.breaker, record.alert, record.code, record.sentence) == (
        deed.breaker,
        deed.alert,
        deed.code,
        deed.reads,
    )


def test_every_kind_that_a_provider_can_cause_has_a_case() -> None:
    assert {deed.kind for _, _, deed in CASES} == KINDS.keys() - {"budget"}
