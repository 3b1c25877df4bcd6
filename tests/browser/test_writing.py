"""The writer in the browser: commands by keyboard, an answer as an e-mail, and a new executive's first hour.

CSUITE_SCREENS=<folder> keeps pictures of what they see, for the docs.
"""

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from playwright.async_api import Page, expect

from csuite.deals.models import Deal, Pipeline, Stage
from csuite.imports import running
from csuite.imports.models import ImportRun
from csuite.personas.findings import looking
from csuite.tenants.models import Tenant
from csuite.tenants.scope import tenant_scope
from tests.browser.chat import Chat
from tests.browser.conftest import Visitors
from tests.browser.site import Site
from tests.browser.test_every_page import violations
from tests.conftest import Cast

pytestmark = pytest.mark.asyncio(loop_scope="module")
SCREENS = os.environ.get("CSUITE_SCREENS", "")
ANSWERS = (
    "We make drill heads for machine shops.", "64 people in Aarhus", "Established", "About $5.1m, from January",
    "Machine shops buy drill heads.", "The largest one is 12 %", "Cheap imports", "By fairs; they pay in 38 days",
    "Revenue of $6m and a gross margin of 42 %",
)  # fmt: skip


async def picture(page: Page, name: str) -> None:
    if SCREENS:
        await page.screenshot(path=Path(SCREENS) / f"{name}.png")


@sync_to_async
def deals(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        stage = Stage.objects.create(pipeline=Pipeline.objects.create(name="Sales"), name="Quoted")
        for title in ("Forty flow meters", "Level gauges"):
            Deal.objects.create(reference=title[:10], title=title, stage=stage)


async def test_a_command_is_chosen_by_keyboard_and_ends_as_a_draft(cast: Cast, site: Site, visitors: Visitors) -> None:
    await deals(cast.acme)
    page = await (await visitors(cast.bob)).page("/conversations/")
    ask, options = page.locator("[data-ask]"), page.locator("[data-slash] [role=option]:visible")
    await ask.press("/")
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await picture(page, "commands")
    assert await violations(page) == []
    await ask.press_sequentially("su")
    await expect(options).to_have_count(1)
    await ask.press("Enter")
    await expect(ask).to_have_value("/summary ")
    await ask.press_sequentially("flow")
    await expect(options).to_have_text(["Forty flow metersQuoted"])
    await ask.press("Enter")
    dialog = page.locator("dialog.letter-dialog")
    await expect(dialog.locator("select")).to_have_value(
        await dialog.locator("option:checked").get_attribute("value") or "-"
    )
    site.say(json.dumps({"summary": "Forty meters are quoted.", "confidence": 0.8}))
    await dialog.get_by_role("button", name="Write the draft").click()
    await expect(dialog.get_by_label("Text")).to_have_value("Forty meters are quoted.")
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(ask).to_be_focused()
    await expect(ask).to_have_value("")


async def test_an_answer_becomes_an_email_without_leaving_the_conversation(
    cast: Cast, site: Site, visitors: Visitors
) -> None:
    page = await (await visitors(cast.bob)).page("/conversations/")
    site.say("Gross margin closed at 38.4%.")
    chat = Chat(page)
    await chat.ask("Why?")
    await chat.ends()
    await page.get_by_role("link", name="Turn into an e-mail").click()
    dialog = page.locator("dialog.letter-dialog")
    await expect(dialog.locator(".letter__source")).to_contain_text("Gross margin closed at 38.4%")
    await dialog.get_by_label("To", exact=True).fill("Jan Berg")
    site.say(json.dumps({"subject": "Margin", "body": "Dear Jan, it closed at 38.4%, not 41.9%.", "confidence": 0.9}))
    await dialog.get_by_role("button", name="Write the draft").click()
    await expect(dialog.get_by_label("Message")).to_have_value("Dear Jan, it closed at 38.4%, not 41.9%.")
    await expect(dialog).to_contain_text("Not in the data: 41.9%.")
    await picture(page, "email-of-an-answer")


def files(today: date) -> dict[str, bytes]:
    months = [(today.year * 12 + today.month - 2 - back) for back in range(20)][::-1]
    metrics = "".join(
        f"{n // 12}-{n % 12 + 1:02d},{410_000 + place * 6000},{36.9 if place == 19 else 41.2 + place % 3 / 10:.1f}%\n"
        for place, n in enumerate(months)
    )
    late = "".join(
        f"I-{n},Customer {n},{today - timedelta(60)},{today - timedelta(30)},{2000 + n},\n" for n in range(3)
    )
    deals = "".join(
        f"L-{n},Heads {n},Customer {n % 9},{('Quoted', 'Order received')[n % 2]},{12_000 + n},{today - timedelta(n)}\n"
        for n in range(20)
    )
    return {
        "metrics": f"Month,Revenue,Gross margin\n{metrics}".encode(),
        "deals": f"Deal ID,Deal name,Account,Stage,Amount,Stage since\n{deals}".encode(),
        "invoices": f"Invoice number,Customer,Invoice date,Due date,Amount,Paid on\n{late}".encode(),
    }


@sync_to_async
def work_off(tenant: Tenant) -> None:
    """What a worker does: the steps of imports, then the look for insights."""
    with tenant_scope(tenant.pk):
        runs = list(
            ImportRun.objects.filter(status__in=("reading", "checking", "writing")).values_list("pk", flat=True)
        )
    for run in runs:
        running.work(tenant.pk, run)
    looking.look(tenant.pk)


async def imported(page: Page, tenant: Tenant, target: str, data: bytes) -> None:
    await page.goto(f"{page.url.split('/', 3)[0]}//{page.url.split('/')[2]}/imports/?target={target}")
    await page.set_input_files("input[type=file]", {"name": f"{target}.csv", "mimeType": "text/csv", "buffer": data})
    await page.locator("main form [type=submit]").first.click()
    for act in ("mapping", "commit"):
        await page.wait_for_url("**/imports/*-*/")
        await work_off(tenant)
        await page.locator(f"form[action*={act}] [type=submit]").click()
    await page.wait_for_load_state()
    await work_off(tenant)
    await expect(page.get_by_role("heading", name="Imported")).to_be_visible()


@pytest.mark.long
async def test_a_new_executive_comes_from_nothing_to_her_first_reminder(
    cast: Cast, site: Site, visitors: Visitors
) -> None:
    rival = cast.rival
    visitor = await visitors(cast.charlie, permissions=["clipboard-read", "clipboard-write"])
    page = await visitor.page("/")
    await page.get_by_role("link", name="Answer the profile interview").first.click()
    site.say(*[json.dumps({"entries": {}, "confidence": 0.1}) for _ in ANSWERS])  # so unsure that the rules sort
    for place, answer in enumerate(ANSWERS, 1):
        await page.locator("#ask").fill(answer)
        await page.locator(".composer [type=submit]").click()
        await expect(page.locator(".message--question")).to_have_count(place)
    await page.get_by_role("button", name="Publish version").click()
    await page.wait_for_url("**/profile/")
    for target, data in files(date.today()).items():
        await imported(page, rival, target, data)
    await page.goto(f"{site.url}/")
    await expect(page.locator(".insight").first).to_contain_text("Gross margin")
    await expect(page.locator("main")).not_to_contain_text("No figures yet")
    await picture(page, "home-after-an-hour")
    await page.goto(f"{site.url}/pipeline/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Pipeline and cash")
    await page.get_by_role("link", name="Draft reminder to").first.click()
    site.say(json.dumps({"short": "Subject: Open\nPlease pay I-0.", "long": "Long.", "confidence": 0.8}))
    await page.get_by_role("button", name="Write the reminder").click()
    await page.get_by_role("button", name="Copy").click()
    await expect(page.locator("[data-announce]")).to_have_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == "Please pay I-0."
