"""The state of circuits keeps one contract, in memory, in PostgreSQL and in Redis."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from csuite.llm.state import Failure, MemoryState, State
from csuite.providers.redis_state import RedisState
from csuite.providers.state import PostgresState
from tests.providers.redis_server import redis_server

pytestmark = pytest.mark.django_db(transaction=True)

FAILURE = Failure("server_error", seconds=60.0, most=5, within=60.0)
BRIEF = replace(FAILURE, seconds=0.05)
LEASE = 30.0


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(Path(tmp_path_factory.mktemp("redis"))) as (url, _):
        yield url


@pytest.fixture(params=["memory", "postgres", "redis"])
def state(request: pytest.FixtureRequest) -> State:
    if request.param == "redis":
        state = RedisState(request.getfixturevalue("redis_url"))
        state._redis.flushall()
        return state
    return MemoryState() if request.param == "memory" else PostgresState()


async def fail(state: State, times: int, failure: Failure = FAILURE, token: str | None = None) -> list[bool]:
    return [await state.failed("groq", failure, token) for _ in range(times)]


async def opened(state: State, failure: Failure = BRIEF) -> None:
    """The circuit is open, and the time for a probe has come."""
    await fail(state, 1, replace(failure, at_once=True))
    while (await state.circuits())["groq"].left:
        await asyncio.sleep(0.01)


async def test_more_than_so_many_failures_open_it_and_one_of_them_is_told(state: State) -> None:
    assert await fail(state, 5) == [False] * 5
    assert await state.circuits() == {}
    assert await fail(state, 1) == [True]
    (circuit,) = (await state.circuits()).values()
    assert (circuit.kind, circuit.mark, circuit.probing) == ("server_error", "", False)
    assert 50 < circuit.left <= 60


async def test_failures_side_by_side_are_all_counted_and_open_it_once(state: State) -> None:
    told = await asyncio.gather(*(state.failed("groq", FAILURE, None) for _ in range(12)))
    assert sum(told) == 1


async def test_each_provider_has_its_own(state: State) -> None:
    await fail(state, 6)
    await state.failed("openai", FAILURE, None)
    assert list(await state.circuits()) == ["groq"]


async def test_failures_of_long_ago_do_not_count(state: State) -> None:
    await fail(state, 5)
    await asyncio.sleep(0.05)
    assert await fail(state, 1, replace(FAILURE, within=0.01)) == [False]


async def test_one_that_opens_at_once_says_with_which_key(state: State) -> None:
    told = await fail(state, 1, replace(FAILURE, kind="authentication", at_once=True, mark="12ab"))
    circuit = (await state.circuits())["groq"]
    assert (told, circuit.kind, circuit.mark) == ([True], "authentication", "12ab")


async def test_an_open_one_gives_no_probe_before_its_time(state: State) -> None:
    assert await state.probe("groq", LEASE) is None
    await fail(state, 6)
    assert await state.probe("groq", LEASE) is None


async def test_of_twenty_who_wait_one_makes_the_probe(state: State) -> None:
    await opened(state)
    tokens = await asyncio.gather(*(state.probe("groq", LEASE) for _ in range(20)))
    assert len([token for token in tokens if token]) == 1
    assert (await state.circuits())["groq"].probing


async def test_calls_that_began_before_it_opened_change_nothing(state: State) -> None:
    await opened(state)
    assert await fail(state, 9) == [False] * 9
    assert (await state.circuits())["groq"].left == 0


async def test_a_probe_that_fails_opens_it_again(state: State) -> None:
    await opened(state)
    token = await state.probe("groq", LEASE)
    assert await fail(state, 1, FAILURE, token) == [True]
    circuit = (await state.circuits())["groq"]
    assert circuit.left > 50
    assert not circuit.probing


async def test_a_probe_that_answers_closes_it_and_forgets_its_failures(state: State) -> None:
    await opened(state)
    token = await state.probe("groq", LEASE)
    assert await state.closed("groq", token) is True
    assert await state.circuits() == {}
    assert await fail(state, 5) == [False] * 5


async def test_a_probe_given_back_or_lost_can_be_made_by_another(state: State) -> None:
    await opened(state)
    token = await state.probe("groq", LEASE)
    assert token
    await state.released("groq", token)
    assert await state.probe("groq", 0.01)
    await asyncio.sleep(0.05)
    assert await state.probe("groq", LEASE)


async def test_a_probe_that_came_too_late_decides_nothing(state: State) -> None:
    await opened(state)
    late = await state.probe("groq", 0.0)
    assert late
    assert await state.probe("groq", LEASE)
    assert await state.closed("groq", late) is False
    assert await fail(state, 1, FAILURE, late) == [False]
    await state.released("groq", late)
    assert (await state.circuits())["groq"].probing


async def test_it_is_closed_by_hand(state: State) -> None:
    assert await state.closed("groq", None) is False
    await fail(state, 6)
    assert await state.closed("groq", None) is True
    assert await state.circuits() == {}
