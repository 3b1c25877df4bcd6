"""The brake of a running turn."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True)
class Control:
    """Stops a running turn, or one of its answers, from outside."""

    tasks: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)
    stopped: set[UUID] = field(default_factory=set)
    everything: bool = False
    interrupted: bool = False
    told: set[UUID] = field(default_factory=set)  # a second cancel would break off the clearing up after the first

    def stop(self, message: UUID | None = None) -> None:
        """By the person's wish: text is kept, the answer is marked stopped."""
        if message is None:
            self.everything = True
        else:
            self.stopped.add(message)
        self.apply()

    def apply(self) -> None:
        for message, task in self.tasks.items():
            wanted = self.everything or self.interrupted or message in self.stopped
            if wanted and message not in self.told:
                self.told.add(message)
                task.cancel()

    def interrupt(self) -> None:
        """By ours: the process ends."""
        self.interrupted = True
        self.apply()
