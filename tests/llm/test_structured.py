"""Answers as data."""

import pytest
from pydantic import BaseModel

from csuite import llm
from csuite.llm.structured import unfenced
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
    fake_provider.say(Answer(body='{"data":[]}'), Answer(body='{"data":[{"embedding":[1]}]}'))
    with primary(fake_provider, embedding_model="fake-embed"):
        with pytest.raises(llm.errors.Malformed):
            await llm.embed(["a"], labels={})
        assert (await llm.embed(["a"], labels={})).estimated
    with primary(fake_provider), pytest.raises(llm.errors.NotConnected):
        await llm.embed(["a"], labels={})
