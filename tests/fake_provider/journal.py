"""What the provider saw: one entry for each request, and counters over all of them."""

import hashlib
import time
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Entry:
    """One request. Times: `at` in seconds since 1970, the rest in milliseconds since the request came.

    outcome: open, finished (all was sent), faulted (we broke it off, as told), aborted (the client left before).
    """

    number: int
    path: str
    model: str
    stream: bool
    body: Any
    auth: str  # the first 16 digits of the SHA-256 of the header, "" without one
    at: float = field(default_factory=time.time)
    status: int = 200
    fault: str = ""  # what it was told to do wrong
    prompt: int = 0  # tokens of what was asked, as we count
    tokens: int = 0  # pieces sent
    text: str = ""  # what was sent, joined
    usage: Any = None  # what was said of it at the end
    outcome: str = "open"
    ended_after_ms: float | None = None
    client_gone_after_ms: float | None = None
    headers: dict[str, str] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic, repr=False)

    def since(self) -> float:
        return round((time.monotonic() - self.begun) * 1000, 1)


class Journal:
    """All entries since the last DELETE /journal."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.peak = 0
        self.open = 0

    def begin(self, path: str, body: Any, headers: dict[str, str]) -> Entry:
        auth = headers.get("authorization") or headers.get("x-api-key") or ""
        shown = {name: value for name, value in headers.items() if name not in ("authorization", "x-api-key")}
        entry = Entry(
            number=len(self.entries),
            path=path,
            model=str(body.get("model", "")),
            stream=bool(body.get("stream")),
            body=body,
            auth=hashlib.sha256(auth.encode()).hexdigest()[:16] if auth else "",
            headers=shown,
        )
        self.entries.append(entry)
        self.open += 1
        self.peak = max(self.peak, self.open)
        return entry

    def end(self, entry: Entry, outcome: str) -> None:
        """The last that happens to a request; later calls change nothing."""
        if entry.outcome == "open":
            entry.outcome = outcome
            entry.ended_after_ms = entry.since()
            if outcome == "aborted":
                entry.client_gone_after_ms = entry.ended_after_ms
            self.open -= 1

    def clear(self) -> None:
        """Forget all; requests that still run are no longer told of."""
        self.entries, self.peak = [], self.open

    def stats(self) -> dict[str, int]:
        outcomes = [entry.outcome for entry in self.entries]
        return {
            "requests": len(self.entries),
            "open": self.open,
            "peak": self.peak,
            "finished": outcomes.count("finished"),
            "faulted": outcomes.count("faulted"),
            "aborted": outcomes.count("aborted"),
            "tokens": sum(entry.tokens for entry in self.entries),
        }

    def as_json(self) -> list[dict[str, Any]]:
        return [{name: value for name, value in asdict(entry).items() if name != "begun"} for entry in self.entries]
