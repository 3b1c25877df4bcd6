"""csuite.llm on its own: no database, no keys of the machine, a meter that keeps what it is told."""

import os
from collections.abc import Iterator, Sequence

import pytest

from csuite.llm import breaker, conf, discovery, retrying
from csuite.llm.call import Call
from csuite.llm.hold import Attempt, Hold
from csuite.llm.state import MemoryState
from tests.fake_provider.fixture import fake_provider

__all__ = ["fake_provider"]


class KeptHold(Hold):
    """A hold that tells its meter."""

    __slots__ = ("closed", "meter")

    def __init__(self, meter: "KeepingMeter", route: str | None) -> None:
        super().__init__(route)
        self.meter, self.closed = meter, 0

    async def attempt(self, outcome: Attempt) -> None:
        if self.meter.broken:
            raise RuntimeError("the ledger is away")
        await super().attempt(outcome)
        self.meter.attempts.append(outcome)

    async def close(self) -> None:
        self.closed += 1


class KeepingMeter:
    """Keeps holds, attempts and events."""

    def __init__(self) -> None:
        self.holds: list[KeptHold] = []
        self.attempts: list[Attempt] = []
        self.events: list[tuple[str, dict[str, object]]] = []
        self.route: str | None = None
        self.broken = False

    async def reserve(self, calls: Sequence[Call]) -> KeptHold:
        self.holds.append(KeptHold(self, self.route))
        return self.holds[-1]

    async def event(self, name: str, **facts: object) -> None:
        if self.broken:
            raise RuntimeError("the ledger is away")
        self.events.append((name, facts))


@pytest.fixture(autouse=True)
def meter(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeepingMeter]:
    """In force in every test of this folder."""
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_API_KEY_FILE", "_BASE_URL", "_MODEL")) or name.startswith("LLM_"):
            monkeypatch.delenv(name)
    keeping = KeepingMeter()
    monkeypatch.setattr(retrying, "FIRST_WAIT", 0.005)  # seconds; nobody waits for us here
    discovery.forget()
    settings = {"PRIMARY": "", "FALLBACK": "", "ANALYST": "", "PROVIDERS": {}, "DISCOVER": False, "ENABLED": True}
    breaker.shared.forget()
    with conf.override(
        METER=keeping,
        REGISTRY="csuite.llm.registry.EnvRegistry",
        STATE=MemoryState(),
        PRICES="csuite.llm.prices.GenaiPrices",
        TRANSPORT="aiohttp",
        **settings,
    ):
        yield keeping


@pytest.fixture(params=["aiohttp", "httpx"])
def transport(request: pytest.FixtureRequest) -> Iterator[str]:
    """The test runs over each transport."""
    with conf.override(TRANSPORT=request.param):
        yield request.param
