"""The figures of an answer in a browser: marked while it streams, their source beside it and on a page of its own."""

import pytest
from playwright.async_api import expect

from csuite.profiles.models import Metric, MetricPoint
from csuite.tenants.db import in_db
from tests.browser.chat import begin
from tests.browser.conftest import Visitors
from tests.browser.site import Site, pieces
from tests.conftest import Cast

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEXT = """Gross margin closed October at **38.4%**, 2.8 points below September. We lost $9.9m in Peru, or so they say.

| Month | Gross margin |
|---|--:|
| September 2025 | 41.2% |
| October 2025 | 38.4% |

"""
MARKED = ["38.4%", "2.8 points", "$9.9m", "41.2%", "38.4%"]


def figures() -> None:
    margin = Metric.objects.create(
        key="gross_margin", name="Gross margin", unit="percent", aggregation="average", cadence="monthly"
    )
    for month, value in ((9, "41.2"), (10, "38.4")):
        MetricPoint.objects.create(metric=margin, period=f"2025-{month:02}-01", value=value)


async def test_figures_are_marked_while_they_stream_and_show_their_source(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    await in_db(figures, tenant=cast.acme.id)
    site.say({"pieces": [*pieces(TEXT, 3), *["And so on. "] * 60], "pace_ms": 40})
    visitor = await visitors(cast.bob)
    page = await visitor.page("/conversations/")
    chat = await begin(page, site)
    marks = chat.prose.locator("a.figure")
    await expect(marks).to_have_text(MARKED, timeout=20_000)
    assert await page.locator("[aria-busy=true]").count() == 1, "the answer was not streaming any more"
    await chat.ends()
    await expect(marks).to_have_text(MARKED)
    await expect(chat.last.get_by_role("group", name="Evidence in this answer")).to_contain_text("not found")
    await expect(chat.last.locator(".message__role")).to_contain_text("from figures as of 31 October 2025")
    live = await chat.dom()
    await page.reload()
    assert await chat.dom() == live

    drawer = page.get_by_role("complementary", name="Evidence")
    await expect(drawer).to_be_hidden()
    await marks.nth(1).focus()
    await page.keyboard.press("Enter")
    await expect(drawer.get_by_role("heading", name="Gross margin")).to_be_visible()
    await expect(drawer).to_contain_text("38.4% − 41.2% = −2.80 points")
    await expect(drawer.get_by_role("link", name="Gross margin, September 2025")).to_have_attribute(
        "href", "/profile/metrics/gross_margin/"
    )
    await expect(drawer).to_contain_text(f"2 of {len(MARKED)}")
    await page.keyboard.press("]")
    await expect(drawer).to_contain_text("Not found in your data")
    await page.keyboard.press("Escape")
    await expect(drawer).to_be_hidden()
    await expect(marks.nth(2)).to_be_focused()

    await page.set_viewport_size({"width": 390, "height": 800})
    await marks.first.click()
    await expect(drawer.get_by_text("From your data")).to_be_visible()
    box = await drawer.bounding_box()
    assert box is not None
    assert box["width"] == 390
    address = await marks.first.get_attribute("href")
    await page.goto(f"{site.url}{address}")
    await expect(page.get_by_role("heading", level=3)).to_have_text("Gross margin, October 2025")
    await page.get_by_role("link", name="Back to the answer").click()
    await expect(marks.first).to_be_visible()
