"""What people expect of a chat beside the answer: keys, drafts, second thoughts, nothing kept that should not be."""

import pytest
from playwright.async_api import expect

from tests.browser.chat import Chat, begin
from tests.browser.conftest import Visitors
from tests.browser.site import Site
from tests.conftest import Cast

pytestmark = pytest.mark.asyncio(loop_scope="module")
TABLE = "It was freight.\n\n| Cause | Points |\n|---|--:|\n| Freight | -1.1 |\n\n```\nmargin = a / b\n```"


async def test_a_walk_with_keys_and_copies(visitors: Visitors, site: Site, cast: Cast) -> None:
    site.say(TABLE, "Later.")
    visitor = await visitors(cast.bob)
    chat = await begin(await visitor.page("/conversations/"), site)
    page = chat.page
    await chat.ends()

    # The sheet of keys takes the focus and gives it back.
    await page.locator("[data-keys]").focus()
    await page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    await expect(sheet).to_be_visible()
    assert await sheet.evaluate("(one) => one.contains(document.activeElement)")
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await expect(page.locator("[data-keys]")).to_be_focused()
    await page.keyboard.press("/")
    await expect(chat.composer).to_be_focused()
    await page.keyboard.type("Why?")
    await expect(sheet).to_be_hidden()
    await expect(chat.composer).to_have_value("Why?")
    await page.keyboard.press("Alt+ArrowUp")
    assert await page.evaluate("document.activeElement.matches('.message--answer')")
    await page.keyboard.press("Alt+ArrowUp")
    assert await page.evaluate("document.activeElement.matches('.message--question')")

    # Copies of one block, of whole answers only.
    await visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Copy table").click()
    await expect(page.locator("[data-announce]")).to_have_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == "Cause\tPoints\nFreight\t-1.1"
    await page.get_by_role("button", name="Copy code").click()
    await page.wait_for_function("navigator.clipboard.readText().then((text) => text === 'margin = a / b\\n')")


async def test_second_thoughts_cost_no_text_and_no_answer(visitors: Visitors, site: Site, cast: Cast) -> None:
    site.say(TABLE)
    visitor = await visitors(cast.bob)
    chat = await begin(await visitor.page("/conversations/"), site)
    page = chat.page
    await chat.ends()
    await chat.composer.fill("Why?")

    # A question in other words keeps its answers, in every tab, and the draft comes back.
    other = Chat(await visitor.page(page.url.removeprefix(site.url)))
    await expect(other.answers).to_have_count(1)
    await page.get_by_role("button", name="Edit and resend").click()
    await chat.composer.fill("Why did it fall?")
    await page.get_by_role("button", name="Save only").click()
    for one in (page, other.page):
        await expect(one.locator(".message__body")).to_have_text("Why did it fall?")
        await expect(one.get_by_text("edited", exact=True)).to_be_visible()
    await expect(chat.composer).to_have_value("Why?")
    await expect(chat.answers).to_have_count(1)

    # Each tab keeps its own draft.
    await other.composer.fill("Another thought")
    await page.reload()
    await expect(chat.composer).to_have_value("Why?")
    await other.page.reload()
    await expect(other.composer).to_have_value("Another thought")

    # Without a connection a question waits, and can be taken back.
    await visitor.context.set_offline(True)
    await expect(page.get_by_text("You are offline.")).to_be_visible()
    await chat.composer.press("Enter")
    await expect(page.get_by_text("Not sent yet.")).to_be_visible()
    await page.get_by_role("button", name="Take it back").click()
    await expect(page.locator(".turn")).to_have_count(1)
    await expect(chat.composer).to_have_value("Why?")
    await visitor.context.set_offline(False)
    await expect(page.get_by_text("You are offline.")).to_be_hidden()
    await expect(page.locator(".turn")).to_have_count(1)
    assert len(site.journal()) == 1
    visitor.faults = [fault for fault in visitor.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


async def test_a_temporary_conversation_says_so_and_leaves_no_trace_in_the_list(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    site.say("Between us.")
    page = await (await visitors(cast.bob, width=390)).page("/conversations/")
    await page.get_by_role("link", name="Temporary").click()
    await expect(page.get_by_text("deleted 24 hours after its last word")).to_be_visible()
    chat = Chat(page)
    await chat.ask("Whom shall we let go?")
    await page.wait_for_url("**/conversations/*-*/")
    await chat.ends()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Temporary conversation")
    await expect(page.get_by_text("deleted 24 hours after its last word")).to_be_visible()
    await expect(page.locator(".conv")).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    # Fingers need room.
    small = await page.evaluate(
        """() => [...document.querySelectorAll('.chat button, .chat a.button, .chat summary')]
            .filter((one) => one.offsetParent && getComputedStyle(one).visibility !== 'hidden')
            .map((one) => [one.getAttribute('aria-label') ?? one.textContent.trim(), one.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.height < 44 || box.width < 44))
            .map(([name, box]) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
    )
    assert small == []
