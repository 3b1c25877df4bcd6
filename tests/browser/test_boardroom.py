"""A question to the board, as a person sees it: seats fill side by side, one is stopped and asked again, a decision."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visitors
from tests.browser.site import Site, pieces
from tests.conftest import Cast

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATIENCE = 20_000  # ms
SLOW = {"pieces": pieces(" ".join(f"word{n}" for n in range(200)), 6), "pace_ms": 25}


async def test_a_question_to_the_board_is_written_side_by_side_and_becomes_a_decision(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    site.say(*[SLOW] * 3)
    visitor = await visitors(cast.bob)
    page = await visitor.page("/boardroom/")
    await page.get_by_role("checkbox", name="CTO").uncheck()
    await page.get_by_role("textbox", name="Your question").fill("Absorb the surcharge, or pass it on?")
    await expect(page.locator("[data-price]")).not_to_be_empty()
    await page.get_by_role("button", name="Ask the board").click()
    await page.wait_for_url("**/boardroom/*-*/")
    seats = page.locator(".seat")
    await expect(seats).to_have_count(3)
    await expect(page.locator('.seat[data-key="ceo"][data-status="streaming"] .prose > *').first).to_be_visible()
    await page.locator('.seat[data-key="ceo"]').get_by_role("button", name="Stop").click()
    await expect(page.locator('.seat[data-key="ceo"]')).to_have_attribute("data-status", "stopped")
    await expect(page.locator(".synthesis")).to_be_visible(timeout=PATIENCE)
    for key in ("cfo", "cmo"):
        await expect(page.locator(f'.seat[data-key="{key}"]')).to_have_attribute("data-status", "complete")

    await page.get_by_role("button", name="Ask again: the CEO").click()
    await expect(page.get_by_text("An officer has answered since.")).to_be_visible(timeout=PATIENCE)
    await page.get_by_role("button", name="Make a new synthesis").click()
    await expect(page.get_by_text("An officer has answered since.")).to_be_hidden(timeout=PATIENCE)
    await expect(page.locator(".synthesis")).to_be_visible(timeout=PATIENCE)

    phone = await visitors(cast.bob, width=390)
    small = await phone.page(page.url.removeprefix(visitor.site.url))
    await expect(small.locator(".seat:visible")).to_have_count(1)
    await small.get_by_role("tab", name="CEO").focus()
    await small.keyboard.press("ArrowRight")
    await expect(small.get_by_role("tab", name="CFO")).to_have_attribute("aria-selected", "true")
    await expect(small.locator('.seat[data-key="cfo"]')).to_be_visible()
    assert await small.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await page.locator("#decision").fill("Pass it on in two steps.")
    await page.get_by_role("button", name="Add and approve").click()
    await page.wait_for_url("**/decisions/*-*/")
    await expect(page.get_by_role("button", name="Mark as done")).to_be_visible()


async def test_without_a_script_the_board_is_asked_and_read(visitors: Visitors, cast: Cast) -> None:
    visitor = await visitors(cast.bob, java_script_enabled=False)
    page = await visitor.page("/boardroom/")
    await page.locator("#ask").fill("Absorb the surcharge, or pass it on?")
    await page.get_by_role("button", name="Ask the board").click()
    await expect(page.locator(".synthesis")).to_be_visible(timeout=PATIENCE)  # the page renews itself
    await expect(page.locator('.seat[data-status="complete"]')).to_have_count(4)
