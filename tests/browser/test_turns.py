"""The browser's own account of a turn: whatever is seen twice or late, the text is right (DESIGN, socket contract)."""

from typing import Any

import pytest

from tests.browser.conftest import Visitors
from tests.conftest import Cast

pytestmark = pytest.mark.asyncio(loop_scope="module")
PIECES = ["Gross ", "margin ", "fell ", "🦀 by ", "2.8 é", "points."]
PLAY = """async ([frames, joined]) => {
    const { createState, reduce, openTurns } = await import('/static/js/turns.js');
    const results = [];
    for (let k = 0; k <= frames.length; k += 1) {
        const state = createState();
        let drawn = '';
        const take = (frame) => {
            for (const change of reduce(state, frame)) {
                if (change.type === 'gap') return results.push(`gap at ${k}`);
                if (change.type === 'text') drawn += change.piece;
            }
        };
        frames.slice(0, k).forEach(take);
        const after = [...state.turns.values()][0]?.seq ?? -1;
        const back = joined ?? frames;
        back.filter((frame) => frame.seq > after).forEach(take);  // the server's answer to watch
        back.forEach(take);                                       // and all of it once more
        results.push([drawn, [...state.answers.values()][0].text, openTurns(state).length]);
    }
    return results;
}"""


def frames() -> list[dict[str, Any]]:
    turn, message = "t", "m"
    found: list[dict[str, Any]] = [
        {
            "type": "turn.started",
            "id": "client",
            "question": "q",
            "answers": [{"message": message, "persona": "cfo", "role": "answer"}],
        },
        {"type": "answer.started", "message": message},
    ]
    at = 0
    for piece in PIECES:
        found.append({"type": "text.delta", "message": message, "at": at, "text": piece})
        at += len(piece)
    found += [{"type": "answer.finished", "message": message, "status": "complete"}, {"type": "turn.finished"}]
    return [{**frame, "turn": turn, "seq": seq} for seq, frame in enumerate(found)]


def joined() -> list[dict[str, Any]]:
    """As a finished turn replays: one delta that carries the last one's number."""
    texts = [frame for frame in frames() if frame["type"] == "text.delta"]
    one = {**texts[-1], "at": 0, "text": "".join(PIECES)}
    others = [frame for frame in frames() if frame["type"] != "text.delta"]
    return sorted([*others, one], key=lambda frame: int(frame["seq"]))


@pytest.mark.parametrize("again", [None, joined()], ids=["frame by frame", "joined"])
async def test_dropped_after_any_frame_the_text_is_whole_and_nothing_comes_twice(
    visitors: Visitors, cast: Cast, again: list[dict[str, Any]] | None
) -> None:
    page = await (await visitors()).page("/accounts/login/")
    results = await page.evaluate(PLAY, [frames(), again])
    assert results == [["".join(PIECES), "".join(PIECES), 0]] * (len(frames()) + 1)


async def test_a_delta_that_was_missed_is_asked_for_once(visitors: Visitors, cast: Cast) -> None:
    page = await (await visitors()).page("/accounts/login/")
    missed = frames()
    del missed[3]
    changes = await page.evaluate(
        """async (frames) => {
            const { createState, reduce } = await import('/static/js/turns.js');
            const state = createState();
            const changes = frames.flatMap((frame) => reduce(state, frame));
            return changes.filter((one) => one.type === 'gap').map((one) => one.after);
        }""",
        missed[:6],
    )
    assert changes == [-1]


async def test_waits_between_tries_grow_and_are_never_the_same_for_everybody(visitors: Visitors, cast: Cast) -> None:
    page = await (await visitors()).page("/accounts/login/")
    waits = await page.evaluate(
        """async () => {
            const { waitFor } = await import('/static/js/socket.js');
            return [0, 1, 5, 20].flatMap((tries) => [waitFor(tries, 1006, () => 0), waitFor(tries, 1006, () => 1)])
                .concat(waitFor(0, 1012, () => 0.5));
        }"""
    )
    assert waits == [250, 500, 500, 1000, 7500, 15000, 7500, 15000, 300]
