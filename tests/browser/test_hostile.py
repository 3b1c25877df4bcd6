"""Seventy hostile texts, whole and in pieces: nothing runs, nothing is fetched, and the pieces make no difference."""

from typing import Any

import pytest

from csuite.conversations.markdown import render
from tests.browser.conftest import Visitors
from tests.conftest import Cast
from tests.conversations.hostile import HOSTILE

pytestmark = pytest.mark.asyncio(loop_scope="module")
# Feeds each text to the writer of a streamed answer, cut at `step` (0: every character by itself), then lets the
# server's HTML take its place as the last frame does; says what must not be.
PLAY = """async ([texts, steps]) => {
    const { createWriter } = await import('/static/js/markdown.js');
    const { fragmentOf } = await import('/static/js/safe-html.js');
    const wrong = [];
    document.addEventListener('securitypolicyviolation', (event) => wrong.push(`policy: ${event.blockedURI}`));
    window.alert = () => wrong.push('it ran');
    const TAGS = new Set('P BR HR EM STRONG S CODE PRE BLOCKQUOTE UL OL LI A SPAN DIV TABLE THEAD TBODY TR TH TD'
        .concat(' H3 H4 H5 H6').split(' '));
    const NAMES = new Set(['class', 'scope', 'start', 'tabindex', 'role', 'aria-label', 'rel', 'href']);
    const box = document.body.appendChild(document.createElement('div'));
    const look = (text, when) => {
        for (const one of box.querySelectorAll('*')) {
            if (!TAGS.has(one.tagName)) wrong.push(`${one.tagName} ${when}: ${text}`);
            for (const { name, value } of one.attributes) {
                if (!NAMES.has(name)) wrong.push(`${name} ${when}: ${text}`);
                if (name === 'href' && !/^(https?|mailto):/.test(value)) wrong.push(`${value} ${when}: ${text}`);
            }
            if (one.href && one.rel !== 'noopener noreferrer nofollow') wrong.push(`rel ${when}: ${text}`);
        }
        if (/[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\ufeff\\u{e0000}-\\u{e007f}]/u.test(box.textContent)) {
            wrong.push(`hidden ${when}: ${text}`);
        }
    };
    const write = (text, pieces) => {
        const writer = createWriter(box);
        for (const piece of pieces) {
            writer.write(piece);
            look(text, 'while it streams');
        }
        writer.end();
        look(text, 'at the end');
        return box.innerHTML;
    };
    let played = 0;
    for (const { text, html } of texts) {
        const letters = [...text];
        const whole = write(text, [text]);
        const cuts = [letters];
        for (let at = 1; at < letters.length; at += steps) {
            cuts.push([letters.slice(0, at).join(''), letters.slice(at).join('')]);
        }
        for (const pieces of cuts) {
            played += 1;
            if (write(text, pieces) !== whole) wrong.push(`${JSON.stringify(pieces)} is drawn in another way`);
        }
        box.replaceChildren(fragmentOf(html));
        look(text, 'when it is finished');
        const reloaded = document.createElement('div');
        reloaded.innerHTML = html;
        if (!reloaded.isEqualNode(box)) wrong.push(`a reload differs: ${text}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    return [played, wrong];
}"""


async def played(visitors: Visitors, texts: list[str], step: int) -> Any:
    page = await (await visitors()).page("/accounts/login/")
    count, wrong = await page.evaluate(PLAY, [[{"text": text, "html": render(text)} for text in texts], step])
    assert wrong == []
    return count


async def test_hostile_texts_stay_inert_whole_letter_by_letter_and_in_two_pieces(
    visitors: Visitors, cast: Cast
) -> None:
    assert len(HOSTILE) >= 60
    assert await played(visitors, list(HOSTILE), 11) > 2 * len(HOSTILE)


@pytest.mark.long
async def test_hostile_texts_stay_inert_split_at_every_character(visitors: Visitors, cast: Cast) -> None:
    around = [f"Before it **all**\n\n{text}\n\n| a | b |\n|---|---|\n| 1 | {text[:20]} |\n\nafter." for text in HOSTILE]
    assert await played(visitors, [*HOSTILE, *around], 1) > sum(map(len, HOSTILE))
