"""Answers longer than a frame that a browser may send, and more readers than one may have."""

import asyncio
from typing import Any

import orjson

from csuite.conversations.consumers import SOCKETS_PER_USER
from csuite.conversations.replay import FEW, joined
from tests.conversations.processes import Pair, Person, answer, bob, pair
from tests.conversations.talk import Reading

__all__ = ["bob", "pair"]


async def test_an_answer_of_any_length_reaches_its_reader_live_and_later(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    text = "Größe zählt. " * 9_000  # its last frame alone is over 100 kB
    pair.say(pieces=[text[i : i + 3_000] for i in range(0, len(text), 3_000)])
    async with bob.talk(pair.one, conversation) as talk:
        await talk.ask("Tell me all")
        live = Reading().take(await talk.finished())
    stored = await answer(conversation)
    assert live.text[str(stored.id)] == stored.text == text
    async with bob.talk(pair.two, conversation) as late:
        await late.send(type="watch", turn=str(stored.turn_id), after=-1)
        assert Reading().take(await late.finished()).text[str(stored.id)] == text


def test_many_frames_of_a_running_turn_are_joined_and_keep_their_last_numbers() -> None:
    frames: list[dict[str, Any]] = [{"type": "turn.started", "seq": 0}]
    for n in range(1, FEW + 1):
        name = "ab"[n % 2]
        frames.append({"type": "text.delta", "message": name, "at": (n - 1) // 2, "text": str(n % 10), "seq": n})
    together = [orjson.loads(text) for _, text in joined([(f["seq"], orjson.dumps(f).decode()) for f in frames])]
    assert [f["seq"] for f in together] == [0, FEW - 1, FEW]
    seen = Reading().take(together)
    assert seen.text == {name: "".join(f["text"] for f in frames if f.get("message") == name) for name in "ab"}


async def test_sockets_that_come_at_once_are_counted_before_they_are_served(bob: Person, pair: Pair) -> None:
    conversation = await bob.conversation()
    talks = [bob.talk(pair.one, conversation) for _ in range(SOCKETS_PER_USER + 10)]
    came = await asyncio.gather(*(talk.__aenter__() for talk in talks), return_exceptions=True)
    for talk, result in zip(talks, came, strict=True):
        if result is talk:
            await talk.socket.close()
    assert sum(result is talk for talk, result in zip(talks, came, strict=True)) == SOCKETS_PER_USER
