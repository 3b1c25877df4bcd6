"""The composer loses nothing, sends once, and says why it cannot."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from playwright.async_api import expect

from csuite.tenants.models import Limit
from tests.browser.chat import Chat, begin
from tests.browser.conftest import PATIENCE, Visitors
from tests.browser.site import Site, pieces
from tests.conftest import Cast

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_shift_enter_starts_a_line_and_a_draft_survives_a_reload(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    site.say("Yes.")
    page = await (await visitors(cast.bob)).page("/conversations/")
    chat = await begin(page, site)
    await chat.ends()
    await expect(chat.composer).to_be_focused()
    await page.keyboard.type("One")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("Two")
    await expect(chat.composer).to_have_value("One\nTwo")
    await page.reload()
    await expect(chat.composer).to_have_value("One\nTwo")
    await expect(chat.answers).to_have_count(1)


async def test_enter_that_ends_a_composition_does_not_send(visitors: Visitors, site: Site, cast: Cast) -> None:
    page = await (await visitors(cast.bob)).page("/conversations/")
    await page.locator("[data-composer][data-ready]").wait_for()
    await Chat(page).composer.fill("かな")
    await page.evaluate(
        """() => document.querySelector('[data-ask]').dispatchEvent(
            new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"""
    )
    await expect(Chat(page).composer).to_have_value("かな")
    assert page.url.endswith("/conversations/")


async def test_too_long_a_question_is_counted_and_not_sent(visitors: Visitors, site: Site, cast: Cast) -> None:
    page = await (await visitors(cast.bob)).page("/conversations/")
    chat = Chat(page)
    await chat.ask("🦀" * 5001)
    await expect(page.locator("[data-count]")).to_have_text("5,001 / 5,000")
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await expect(page.get_by_role("status").filter(has_text="1 characters too many")).to_have_count(1)
    assert page.url.endswith("/conversations/")
    await chat.composer.fill("🦀" * 5000)
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()


async def test_a_limit_keeps_the_text_and_counts_down(visitors: Visitors, site: Site, cast: Cast) -> None:
    site.say("Yes.")
    page = await (await visitors(cast.bob)).page("/conversations/")
    chat = await begin(page, site)
    await chat.ends()
    await sync_to_async(Limit.objects.update)(amount=1)
    await asyncio.sleep(2.2)  # a process reads the limits of questions every two seconds
    await chat.ask("One too many")
    await expect(page.locator("[data-limit]")).to_contain_text("Send in")
    await expect(chat.composer).to_have_value("One too many")
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await expect(page.locator(".turn")).to_have_count(1)


async def test_offline_a_question_waits_and_is_sent_once_the_connection_is_back(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    site.say("Yes.", {"pieces": pieces("Here again.", 3), "pace_ms": 10})
    visitor = await visitors(cast.bob)
    chat = await begin(await visitor.page("/conversations/"), site)
    await chat.ends()
    await visitor.context.set_offline(True)
    await expect(chat.page.get_by_text("You are offline.")).to_be_visible()
    await chat.ask("Still there?")
    await expect(chat.page.get_by_text("Still there?")).to_be_visible()
    await visitor.context.set_offline(False)
    await expect(chat.answers).to_have_count(2, timeout=PATIENCE)
    await chat.ends()
    await expect(chat.prose).to_have_text("Here again.")
    await expect(chat.page.get_by_text("You are offline.")).to_be_hidden()
    assert len(site.journal()) == 2
    visitor.faults = [fault for fault in visitor.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


async def test_who_signed_out_elsewhere_is_told_and_keeps_the_text(visitors: Visitors, site: Site, cast: Cast) -> None:
    site.say("Yes.")
    visitor = await visitors(cast.bob)
    chat = await begin(await visitor.page("/conversations/"), site)
    await chat.ends()
    await chat.composer.fill("Half a thought")
    other = await visitor.page("/")
    await other.locator("summary.initials").click()
    await other.get_by_role("button", name="Sign out").click()
    await expect(chat.page.get_by_text("You were signed out.")).to_be_visible()
    await expect(chat.composer).to_have_value("Half a thought")
    visitor.faults.clear()  # the refused handshake is an error to the console


async def test_everything_of_a_question_is_reached_by_keyboard(visitors: Visitors, site: Site, cast: Cast) -> None:
    site.say("Yes.", "Yes, again.")
    page = await (await visitors(cast.bob)).page("/")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    chat = await begin(page, site)
    await chat.ends()
    await page.keyboard.press("Alt+Digit4")
    await expect(page.locator("[data-slot=who]")).to_have_text("CTO")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("searchbox", name="Search titles and messages")).to_be_focused()
    await page.keyboard.press("Escape")
    again = chat.last.get_by_role("button", name="Regenerate")
    await again.focus()
    await page.keyboard.press("Enter")
    await expect(chat.last.locator("[data-slot=variant]")).to_have_text("2/2")
    await chat.ends()


async def test_on_a_phone_the_list_opens_over_the_thread_and_closes(visitors: Visitors, site: Site, cast: Cast) -> None:
    site.say("Yes.")
    page = await (await visitors(cast.bob, width=390)).page("/conversations/")
    chat = await begin(page, site, "On the road")
    await chat.ends()
    rail = page.get_by_role("complementary", name="Conversations")
    await expect(rail).to_be_hidden()
    await page.get_by_role("button", name="Conversations").tap()
    await expect(rail.get_by_role("link", name="On the road")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(rail).to_be_hidden()
    await expect(page.get_by_role("button", name="Conversations")).to_be_focused()


async def test_a_conversation_is_found_renamed_and_deleted(visitors: Visitors, site: Site, cast: Cast) -> None:
    site.say("Because of Rotterdam.")
    page = await (await visitors(cast.bob)).page("/conversations/")
    chat = await begin(page, site, "Why so late?")
    await chat.ends()
    await page.get_by_role("searchbox", name="Search").first.fill("rotterdam")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Why so late?").click()
    await page.get_by_label("Pin, export, share, rename or delete").click()
    await page.get_by_label("Title").fill("Freight")
    await page.get_by_role("button", name="Rename").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Freight")
    await page.get_by_label("Pin, export, share, rename or delete").click()
    await page.get_by_text("Delete…").click()
    await page.get_by_role("button", name="Delete conversation").click()
    await page.wait_for_url("**/conversations/?deleted=*")
    await expect(page.get_by_role("link", name="Freight")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("link", name="Freight")).to_have_count(1)
