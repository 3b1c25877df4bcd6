"""What a page shows when the network or the server goes away in the middle of an answer."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.chat import begin
from tests.browser.conftest import Visitors
from tests.browser.site import Site, pieces
from tests.conftest import Cast

pytestmark = pytest.mark.asyncio(loop_scope="module")
LONG = " ".join(f"word{n}" for n in range(150))
SLOW = {"pieces": pieces(LONG, 6), "pace_ms": 25}


async def test_an_answer_that_went_on_without_us_is_whole_when_we_are_back(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    site.say(SLOW)
    visitor = await visitors(cast.bob)
    chat = await begin(await visitor.page("/conversations/"), site)
    await chat.writes()
    await visitor.context.set_offline(True)
    await expect(chat.page.get_by_text("You are offline.")).to_be_visible()
    seen = await chat.prose.inner_text()
    assert LONG.startswith(seen)
    await visitor.context.set_offline(False)
    await chat.ends()
    await expect(chat.prose).to_have_text(LONG)
    live = await chat.dom()
    await chat.page.reload()
    assert await chat.dom() == live
    visitor.faults = [fault for fault in visitor.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


@pytest.mark.long
async def test_a_killed_server_leaves_an_interrupted_answer_that_can_be_continued(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    site.say(SLOW, "and the rest.")
    visitor = await visitors(cast.bob)
    chat = await begin(await visitor.page("/conversations/"), site)
    await chat.writes()
    site.web.kill()
    seen = await chat.prose.inner_text()
    await asyncio.to_thread(site.web.start)
    await chat.ends("interrupted")
    kept = await chat.prose.inner_text()
    assert kept.startswith(seen)
    await expect(chat.last).to_contain_text("Interrupted.")
    await chat.last.get_by_role("button", name="Continue").click()
    await expect(chat.last.locator('[data-slot="variant"]')).to_have_text("2/2")
    await chat.ends()
    assert (await chat.prose.inner_text()).startswith(kept)
    visitor.faults = [fault for fault in visitor.faults if "WebSocket" not in fault and "ERR_CONNECTION" not in fault]
