"""Answers as data."""

import json

import pytest
from pydantic import BaseModel

from csuite import llm
from csuite.llm.structured import fitting, unfenced
from tests.fake_provider import Answer, FakeProvider
from tests.llm.asking import primary, question
from tests.llm.conftest import KeepingMeter


class Margin(BaseModel):
    percent: float
    why: str


GOOD = '{"percent": 41.2, "why": "freight"}'


@pytest.mark.parametrize(
    "text", [GOOD, f"```json\n{GOOD}\n```", f"```\n{GOOD}\n```", f"Here it is: {GOOD} I hope it helps.", f"  {GOOD}\n"]
)
async def test_an_answer_becomes_an_instance_fenced_or_not(
    fake_provider: FakeProvider, meter: KeepingMeter, text: str
) -> None:
    fake_provider.say(Answer(pieces=[text]))
    with primary(fake_provider):
        assert await llm.extract(question(), Margin) == Margin(percent=41.2, why="freight")
    assert fake_provider.requests[0].body["response_format"]["json_schema"]["schema"] == Margin.model_json_schema()
    assert [attempt.json_valid for attempt in meter.attempts] == [True]
    assert [hold.closed for hold in meter.holds] == [1]


async def test_an_answer_that_does_not_fit_is_repaired_once(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    fake_provider.say('{"percent": "much"}', Answer(pieces=[GOOD]))
    with primary(fake_provider):
        assert (await llm.extract(question(), Margin)).percent == 41.2
    asked, repair = fake_provider.requests[1].body["messages"][-2:]
    assert asked == {"role": "assistant", "content": '{"percent": "much"}'}
    assert "percent: Input should be a valid number" in repair["content"]
    assert [(attempt.error_kind, attempt.json_valid) for attempt in meter.attempts] == [
        ("validation", False),
        ("", True),
    ]


async def test_two_wrong_answers_are_an_error(fake_provider: FakeProvider) -> None:
    fake_provider.say("no", "no")
    hold = llm.Hold()
    with primary(fake_provider), pytest.raises(llm.errors.NotValid) as caught:
        await llm.extract(question(hold=hold), Margin)
    assert caught.value.code == "internal"
    assert len(hold.attempts) == 2


async def test_several_answers_are_brought_together(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    with primary(fake_provider):
        reply = await llm.synthesize(question(), {"CFO": "Margin fell.", "CTO": "Costs rose."})
    assert reply.text
    assert "CFO:\nMargin fell.\n\nCTO:\nCosts rose." in fake_provider.requests[0].body["messages"][-1]["content"]
    assert meter.attempts[0].task == "synthesize"


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ('{"code": "```a```"}', '{"code": "```a```"}'),
        ("```json\n[1, 2]\n```", "[1, 2]"),
        ("The list: [1, 2].", "[1, 2]"),
        ('Ours [see below]: {"a": [1]} and that is all', '{"a": [1]}'),
        ("```\n{broken\n```", "```\n{broken\n```"),
        ("", ""),
    ],
)
def test_json_is_found_in_what_stands_around_it(text: str, inside: str) -> None:
    assert unfenced(text) == inside


async def test_a_provider_that_turns_its_own_json_down_is_asked_once_more(
    fake_provider: FakeProvider, meter: KeepingMeter
) -> None:
    """Groq answers 400 json_validate_failed when its model wrote no JSON: there is no answer to show it again."""
    refused = '{"error":{"message":"Failed to generate JSON","code":"json_validate_failed"}}'
    fake_provider.say(Answer(status=400, body=refused), Answer(pieces=[GOOD]))
    with primary(fake_provider):
        assert (await llm.extract(question(), Margin)).percent == 41.2
    assert [message["role"] for message in fake_provider.requests[1].body["messages"]] == ["user", "user"]
    assert [attempt.error_kind for attempt in meter.attempts] == ["validation", ""]


@pytest.mark.parametrize(
    ("schema", "text", "why"),
    [
        ({"type": "object", "required": ["a"]}, "{}", '"a" is a required property'),
        ({"type": "object"}, "no", "not JSON"),
    ],
)
def test_a_json_schema_says_what_does_not_fit(schema: dict[str, object], text: str, why: str) -> None:
    with pytest.raises(llm.errors.NotValid, match=why):
        fitting(text, schema)


@pytest.mark.parametrize("schema", [{"type": "foo"}, {"$ref": "https://schemas.example/a"}, {"$ref": "file:///x"}])
def test_what_is_no_schema_or_lies_elsewhere_is_refused(schema: dict[str, object]) -> None:
    with pytest.raises(llm.errors.InvalidRequest):
        fitting("{}", schema)


def test_text_without_json_stays_as_it_is() -> None:
    assert unfenced("none } here {") == "none } here {"


async def test_texts_become_vectors_in_their_order(fake_provider: FakeProvider, meter: KeepingMeter) -> None:
    with primary(fake_provider, embedding_model="fake-embed"):
        found = await llm.embed(["a", "b"], labels={"tenant": "t1"})
        again = await llm.embed(["b"], labels={"tenant": "t1"}, hold=llm.Hold(), provider="fake")
    assert found.vectors[1] == again.vectors[0] != found.vectors[0]
    assert (found.usage.prompt, found.usage.completion, found.estimated) == (2, 0, False)
    assert [attempt.task for attempt in meter.attempts] == ["embed"]


async def test_vectors_that_are_missing_are_an_error(fake_provider: FakeProvider) -> None:
    fake_provider.say(*[Answer(body='{"data":[]}')] * 4, Answer(body='{"data":[{"embedding":[1]}]}'))
    with primary(fake_provider, embedding_model="fake-embed"):
        with pytest.raises(llm.errors.Malformed):
            await llm.embed(["a"], labels={})
        assert (await llm.embed(["a"], labels={})).estimated
    with primary(fake_provider), pytest.raises(llm.errors.NotConnected):
        await llm.embed(["a"], labels={})


async def test_vectors_may_come_as_base64(fake_provider: FakeProvider) -> None:
    body = {"data": [{"index": 0, "embedding": "AACAPwAAAMA="}], "usage": {"prompt_tokens": 1}}
    fake_provider.say(Answer(body=json.dumps(body)))
    with primary(fake_provider, embedding_model="fake-embed"):
        found = await llm.embed(["a"], labels={"tenant": "t1"})
    assert found.vectors == ((1.0, -2.0),)


async def test_the_environment_names_the_embedding_model(
    fake_provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_EMBEDDING_MODEL", "fake-small")
    with primary(fake_provider):
        assert (await llm.embed(["a"], labels={"tenant": "t1"})).model == "fake-small"


async def test_an_answer_in_events_is_no_embedding(fake_provider: FakeProvider) -> None:
    fake_provider.say(Answer(body='data: {"data": []}\n\n', repeat=True))
    with primary(fake_provider, embedding_model="fake-embed"), pytest.raises(llm.errors.Malformed):
        await llm.embed(["a"], labels={"tenant": "t1"})
