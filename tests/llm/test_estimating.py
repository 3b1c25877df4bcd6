"""What calls will cost before they are made."""

from datetime import datetime
from decimal import Decimal

from csuite import llm
from csuite.llm import conf
from csuite.llm.estimating import SHORT, estimate
from csuite.llm.prices import Cost
from csuite.llm.usage import Usage


class Flat:
    """A cent for each token of the answer, nothing for the prompt; `unknown` has no price."""

    def __init__(self, unknown: str = "") -> None:
        self.unknown = unknown

    async def cost(self, provider: str, model: str, usage: Usage, at: datetime, *, free: bool = False) -> Cost:
        if provider == self.unknown:
            return Cost()
        return Cost(Decimal(0) if free else Decimal(usage.completion or 0) / 100)


def call(max_tokens: int) -> llm.Call:
    return llm.Call(messages=(llm.Message("user", "Why?"),), max_tokens=max_tokens)


async def test_an_estimate_runs_from_short_answers_to_the_longest() -> None:
    with conf.override(PRICES=Flat(), PRIMARY="groq", ANALYST="csuite.llm.scripted.Script"):
        found = await estimate([call(1000), call(500)])
    assert found.low == Decimal(2 * SHORT) / 100
    assert found.high == Decimal(15)


async def test_an_answer_is_never_estimated_above_its_cap() -> None:
    with conf.override(PRICES=Flat(), PRIMARY="groq", ANALYST="csuite.llm.scripted.Script"):
        found = await estimate([call(10)])
    assert found.low == found.high == Decimal("0.1")


async def test_one_unknown_price_makes_the_whole_unknown() -> None:
    with conf.override(PRICES=Flat("groq"), PRIMARY="groq", ANALYST="csuite.llm.scripted.Script"):
        found = await estimate([call(10)])
    assert (found.low, found.high) == (None, None)
