"""The state seam: what all processes must know of each provider's circuit. settings.LLM["STATE"] names it."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Circuit:
    """A circuit that is not closed.

    kind: the kind of error that opened it. mark: which key it was opened with, "" where that does not matter.
    left: seconds until a probe may be made, 0 if it may be made now. probing: somebody is making it.
    """

    kind: str
    mark: str
    left: float
    probing: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure, and what it does: more than `most` of them within so many seconds open the circuit for `seconds`."""

    kind: str
    seconds: float
    most: int
    within: float
    at_once: bool = False
    mark: str = ""


class State(Protocol):
    """Built once, without arguments; used from any event loop. Each is one decision, the same for all processes.

    Any error of it is the loss of the state; csuite.llm.breaker then goes on with what this process knows.
    """

    async def circuits(self) -> Mapping[str, Circuit]:
        """Those that are not closed, by provider."""

    async def probe(self, provider: str, lease: float) -> str | None:
        """A token for whoever may make the one probe now. It is free again after `lease` seconds."""

    async def failed(self, provider: str, failure: Failure, token: str | None) -> bool:
        """Takes in a failure, of the probe if there is a token; whether that opened the circuit.

        While it is open only the probe counts: the calls that began before it opened say nothing new.
        """

    async def closed(self, provider: str, token: str | None) -> bool:
        """Closes the circuit: after the probe with this token, or in any case without one. Whether it was open."""

    async def released(self, provider: str, token: str) -> None:
        """The probe was not made, or says nothing: somebody else may make it now."""


@dataclass(slots=True)
class _Record:
    failures: list[float] = field(default_factory=list)
    until: float | None = None  # open, and a probe may be made from then on
    kind: str = ""
    mark: str = ""
    token: str = ""
    lease: float = 0.0


class MemoryState:
    """For one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._records: dict[str, _Record] = {}
        self._lock = threading.Lock()  # loops of several threads

    async def circuits(self) -> Mapping[str, Circuit]:
        now = self._clock()
        return {
            name: Circuit(r.kind, r.mark, max(0.0, r.until - now), r.lease > now)
            for name, r in list(self._records.items())
            if r.until is not None
        }

    async def probe(self, provider: str, lease: float) -> str | None:
        now = self._clock()
        with self._lock:
            record = self._records.get(provider)
            if record is None or record.until is None or record.until > now or record.lease > now:
                return None
            record.token, record.lease = uuid4().hex, now + lease
            return record.token

    async def failed(self, provider: str, failure: Failure, token: str | None) -> bool:
        now = self._clock()
        with self._lock:
            record = self._records.setdefault(provider, _Record())
            if record.until is not None:
                opens = token is not None and token == record.token
            else:
                record.failures = [at for at in record.failures if at > now - failure.within] + [now]
                opens = failure.at_once or len(record.failures) > failure.most
            if opens:
                self._records[provider] = _Record([], now + failure.seconds, failure.kind, failure.mark)
            return opens

    async def closed(self, provider: str, token: str | None) -> bool:
        with self._lock:
            record = self._records.get(provider)
            if record is None or (token is not None and token != record.token):
                return False
            del self._records[provider]
            return record.until is not None

    async def released(self, provider: str, token: str) -> None:
        with self._lock:
            record = self._records.get(provider)
            if record is not None and record.token == token:
                record.token, record.lease = "", 0.0
