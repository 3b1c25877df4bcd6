"""Devices of one person in one conversation, with tabs that do what people do, and what each of them must hold."""

import asyncio
import contextlib
import json
import random
import time
import uuid
from typing import Any

from websockets.exceptions import ConnectionClosed

from tests.conversations.processes import ENDED, Pair, Person, rows
from tests.conversations.talk import Talk

Frame = dict[str, Any]


class Tab:
    """A tab with the outbox and the memory of the product's own: it resumes, resends and never takes a piece twice."""

    def __init__(self, person: Person, pair: Pair, conversation: uuid.UUID, chance: random.Random) -> None:
        self.person, self.pair, self.conversation, self.chance = person, pair, conversation, chance
        self.texts: dict[str, str] = {}
        self.ended: dict[str, str] = {}
        self.turns: dict[str, Frame] = {}  # turn -> seq, messages, done
        self.outbox: dict[str, Frame] = {}
        self.taken: set[str] = set()  # ids that the server has confirmed
        self.refused: set[str] = set()
        self.reloads = 0

    async def live(self, until: float) -> None:
        """Until that monotonic time, over as many connections as it takes; then on, until everything has ended."""
        while time.monotonic() < until or self.outbox or self.open_turns():
            with contextlib.suppress(ConnectionClosed, OSError):
                web = self.chance.choice([self.pair.one, self.pair.two])
                async with self.person.talk(web, self.conversation) as talk:
                    await self._connected(talk)
                    await self._use(talk, until)
            self.reloads += 1
            if self.chance.random() < 0.5:  # a reload: only the outbox is kept
                self.texts, self.ended, self.turns = {}, {}, {}

    def open_turns(self) -> list[str]:
        return [turn for turn, known in self.turns.items() if not known["done"]]

    async def _connected(self, talk: Talk) -> None:
        """As the page does after every connect: what ended meanwhile comes from the rows, what runs is watched."""
        for row in await rows(self.conversation):
            if row.kind == "answer" and row.status in ENDED:
                self.texts[str(row.id)], self.ended[str(row.id)] = row.text, row.status
                if str(row.turn_id) in self.turns:
                    self.turns[str(row.turn_id)]["done"] = True
        running = [one["turn"] for one in talk.frames[0]["running"]]
        for turn in {*running, *self.open_turns()}:
            await talk.send(type="watch", turn=turn, after=self.turns.get(turn, {"seq": -1})["seq"])
        for frame in self.outbox.values():
            await talk.send(**frame)

    async def _use(self, talk: Talk, until: float) -> None:
        # Read by a task of its own: a reading that is broken off by a time limit may lose what has just come.
        reading = asyncio.create_task(self._read(talk))
        try:
            await self._sit(talk, until)
            if reading.done():
                reading.result()
        finally:
            reading.cancel()

    async def _read(self, talk: Talk) -> None:
        async for text in talk.socket:
            self.take(json.loads(text))

    async def _sit(self, talk: Talk, until: float) -> None:
        stay = time.monotonic() + self.chance.uniform(1, 6)
        act = time.monotonic() + self.chance.uniform(0.1, 1.5)
        while time.monotonic() < stay:
            await asyncio.sleep(0.05)
            if time.monotonic() < until and time.monotonic() > act:
                act = time.monotonic() + self.chance.uniform(0.3, 2.5)
                await self._act(talk)
            if time.monotonic() > until and not self.outbox and not self.open_turns():
                return

    async def _act(self, talk: Talk) -> None:
        wish = self.chance.random()
        whole = [message for message, status in self.ended.items() if status == "complete"]
        if wish < 0.15 and self.open_turns():
            await talk.send(type="stop", turn=self.open_turns()[0])
        elif wish < 0.3 and whole:
            await self._send(talk, {"type": "regenerate", "message": self.chance.choice(whole)})
        else:
            # A new question, or an earlier one in other words: both follow some answer on screen, or nothing.
            parent = self.chance.choice([*whole, None])
            text = f"Question {self.chance.random()}"
            await self._send(talk, {"type": "ask", "text": text, "personas": ["cfo"], "parent": parent})

    async def _send(self, talk: Talk, frame: Frame) -> None:
        name = str(uuid.uuid4())
        self.outbox[name] = {**frame, "id": name}
        await talk.send(**self.outbox[name])
        if self.chance.random() < 0.1:
            await talk.socket.close()  # before anybody could have confirmed it

    def take(self, frame: Frame) -> None:
        kind = frame["type"]
        if kind == "error":
            if self.outbox.pop(frame["id"], None) is not None:
                self.refused.add(frame["id"])
        elif kind in ("turn.queued", "turn.started"):
            if self.outbox.pop(frame["id"], None) is not None:
                self.taken.add(frame["id"])
            if kind == "turn.started":
                self.turns.setdefault(frame["turn"], {"seq": 0, "done": False})
        elif "seq" in frame and frame["turn"] in self.turns:
            turn = self.turns[frame["turn"]]
            turn["seq"] = max(turn["seq"], frame["seq"])
            if kind == "text.delta":
                have = self.texts.get(frame["message"], "")
                assert frame["at"] <= len(have), "a piece of the text is missing"
                self.texts[frame["message"]] = have + frame["text"][len(have) - frame["at"] :]
            elif kind == "answer.finished":
                self.ended[frame["message"]] = frame["status"]
            elif kind == "turn.finished":
                turn["done"] = True
