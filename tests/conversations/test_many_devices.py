"""Ten devices of one person, two tabs each, in one conversation: nothing is lost or doubled, and all show the same."""

import asyncio
import os
import random
import time

import pytest
from asgiref.sync import sync_to_async

from csuite.conversations.models import Turn
from csuite.tenants.scope import platform_scope
from tests.conversations.devices import Tab
from tests.conversations.processes import ENDED, Pair, Person, bob, left, pair, rows

__all__ = ["bob", "pair"]

DEVICES, TABS = 10, 2
SECONDS = float(os.environ.get("DEVICES_SECONDS", "20"))  # 600 for the ten minutes


@pytest.mark.long
@pytest.mark.parametrize("tabs", [4, DEVICES * TABS])
async def test_tabs_that_ask_edit_stop_and_reload_lose_and_double_nothing(bob: Person, pair: Pair, tabs: int) -> None:
    seed = random.randrange(10**6)
    conversation = await bob.conversation()
    opened = [Tab(bob, pair, conversation, random.Random(seed + n)) for n in range(tabs)]
    until = time.monotonic() + (SECONDS if tabs > 4 else 3)
    await asyncio.gather(*(tab.live(until) for tab in opened))
    for _ in range(600):  # what waits in the queue is answered when nobody looks as well
        rest = await left()
        if not rest["open turns"]:
            break
        await asyncio.sleep(0.05)
    assert (rest["open turns"], rest["frames"]) == (0, 0), f"seed {seed}"
    stored = {str(row.id): row for row in await rows(conversation) if row.kind == "answer"}
    assert {row.status for row in stored.values()} <= ENDED
    turns = await _client_ids(str(conversation))
    assert len(turns) == len(set(turns)), "a question was taken twice"
    for tab in opened:
        assert tab.taken <= set(turns), f"a confirmed question is gone, seed {seed}"
        assert not tab.refused & set(turns), f"a refused question was asked, seed {seed}"
    assert set(turns) == set().union(*(tab.taken for tab in opened)), f"a question of nobody, seed {seed}"
    for tab in opened:
        for message, status in tab.ended.items():
            assert (status, tab.texts.get(message, "")) == (stored[message].status, stored[message].text), (
                f"seed {seed}"
            )
    # Whoever looks now sees the same, because there is one account of it: the rows.
    assert all(set(tab.ended) <= set(stored) for tab in opened)


@sync_to_async
def _client_ids(conversation: str) -> list[str]:
    with platform_scope("test"):
        return list(Turn.objects.filter(conversation_id=conversation).values_list("client_id", flat=True))
