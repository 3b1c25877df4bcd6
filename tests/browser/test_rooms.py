"""The rooms of the admin and of finance, walked through by somebody who is new there.

CSUITE_SCREENS=<folder> keeps pictures of what they see, for the docs.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from playwright.async_api import Browser, Page, expect

from csuite.analytics.alerts.looking import look
from csuite.analytics.budgets.changing import create
from csuite.analytics.budgets.rows import Budget
from csuite.analytics.rollups.rebuilding import run
from csuite.providers.models import Price
from csuite.tenants.flags import is_active_for
from csuite.tenants.models import Flag, Membership
from csuite.tenants.scope import tenant_scope
from tests.analytics.booking import booked
from tests.browser.chat import Chat, begin
from tests.browser.conftest import MODEL, Visitors
from tests.browser.showcase import Showcase, showcase
from tests.browser.site import Site, wait_until_quiet
from tests.browser.test_every_page import violations, visitor_of
from tests.conftest import Cast
from tests.conversations.talk import conversation_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
SCREENS = os.environ.get("CSUITE_SCREENS", "")
WORDS = "End with the one question that the board should ask."
SPIKE = Decimal(40)


async def picture(page: Page, name: str) -> None:
    if SCREENS:
        await page.evaluate("scrollTo(0, 0)")
        await page.screenshot(path=Path(SCREENS) / f"{name}.png")


@pytest.fixture
def company(transactional_db: None, served: Site) -> Iterator[Showcase]:
    yield showcase()
    wait_until_quiet()


def asked(site: Site) -> str:
    """What the provider was sent last."""
    return str(site.journal()[-1]["body"])


async def test_a_new_admin_changes_the_cfos_prompt_and_takes_it_back(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    page = await (await visitors(cast.root)).page("/admin/")
    await picture(page, "admin-start")
    await page.get_by_role("link", name="Prompt versions", exact=True).click()
    await page.get_by_role("link", name="persona.cfo.v1").click()
    await page.get_by_role("button", name="New draft from this").click()
    body = page.get_by_role("textbox", name="Body")
    await body.fill(f"{await body.input_value()}\n{WORDS}\n")
    await page.get_by_role("button", name="Save and continue editing").click()
    desk = page.get_by_role("navigation", name="This prompt")
    await desk.get_by_role("link", name="Compare").click()
    await expect(page.locator(".diff--added", has_text=WORDS)).to_be_visible()
    await picture(page, "admin-prompt-compare")
    await desk.get_by_role("link", name="Preview and try").click()
    await page.get_by_label("Company").select_option(label="Acme")
    await page.get_by_label("Question").fill("How is cash?")
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator(".sent").first).to_contain_text(WORDS)
    await desk.get_by_role("link", name="Release").click()
    await _step(page, "Publish persona.cfo.v2", "The board asked for it.")
    await expect(desk.get_by_text("persona.cfo.v2 is live")).to_be_visible()

    chat = await begin(await (await visitors(cast.bob)).page("/"), site)
    await chat.ends()
    assert WORDS in asked(site)
    await expect(chat.last).to_contain_text("persona.cfo.v2")

    await _step(page, "Make persona.cfo.v1 live again", "Too curious.")
    await picture(page, "admin-prompt-release")
    await chat.ask("And now?")
    await expect(chat.answers).to_have_count(2)
    await chat.ends()
    assert WORDS not in asked(site)
    await expect(chat.last).to_contain_text("persona.cfo.v1")


async def _step(page: Page, button: str, why: str) -> None:
    form = page.locator("form", has=page.get_by_role("button", name=button))
    await form.get_by_label("Why").fill(why)
    await form.get_by_role("button", name=button).click()


async def test_a_new_admin_gives_a_flag_to_a_tenth_of_one_company_and_undoes_it(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    await sync_to_async(Flag(name="ai-beta", superusers=False, owner="Root").save)()
    page = await (await visitors(cast.root)).page("/admin/")
    await page.get_by_role("link", name="Flags", exact=True).click()
    await page.get_by_role("link", name="ai-beta").click()
    await page.get_by_label("Percent:").fill("10")
    await page.locator(".field-tenants .select2-selection").click()
    await page.locator(".field-tenants .select2-search__field").fill("Acme")
    await page.get_by_role("option", name="Acme").click()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("was changed successfully")).to_be_visible()
    flag: Any = await sync_to_async(Flag.objects.get)(name="ai-beta")
    assert [tenant.name async for tenant in flag.tenants.all()] == ["Acme"]
    assert not await sync_to_async(is_active_for)("ai-beta", cast.rival, cast.charlie)

    await page.goto(f"{site.url}/admin/settings/")
    row = page.get_by_role("row", name="ai-beta")
    await expect(row).to_contain_text("on for 10.0 % of Acme")
    await expect(row).to_contain_text("root@csuite.example")
    await row.scroll_into_view_if_needed()
    if SCREENS:
        await page.screenshot(path=Path(SCREENS) / "admin-settings.png")
    assert await violations(page) == []
    await row.get_by_role("button", name="Undo the last change of ai-beta").click()
    await expect(page.get_by_text("Undone: flag ai-beta.")).to_be_visible()
    await expect(page.get_by_role("row", name="ai-beta")).not_to_contain_text("Acme,")
    flag = await sync_to_async(Flag.objects.get)(name="ai-beta")
    assert flag.percent is None


def last_tuesday() -> Any:
    """The one of last week or before, at noon: its day is over."""
    now = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    return now - timedelta(days=(now.weekday() - 1) % 7 or 7)


MODELS = (("openai", "gpt-4.1", "1.9"), ("groq", "llama-3.3-70b", "0.4"), ("mistral", "mistral-large", "0.9"))


def spent(company: Showcase) -> None:
    """Two months of calls of Elena and Tomas; on last Tuesday Priya asked one dear model very much."""
    tenant = Membership.objects.get(user=company.tomas).tenant_id
    for back in range(60):
        day = timezone.now() - timedelta(days=back)
        for n, (provider, model, cost) in enumerate(MODELS):
            labels = {"persona": ("cfo", "ceo", "cto")[n], "user": str(company.elena.id if n else company.tomas.id)}
            weight = Decimal(1 if day.weekday() > 4 else 3) * (1 + Decimal(back * 7 % 5) / 10)
            booked(tenant, labels=labels, provider=provider, model=model, cost=Decimal(cost) * weight, started_at=day)
    for n in range(6):
        labels = {"persona": "cmo", "user": str(company.priya.id)}
        booked(
            tenant,
            labels=labels,
            provider="openai",
            model="gpt-4.1",
            cost=SPIKE,
            started_at=last_tuesday() + timedelta(minutes=n),
        )
    booked(tenant, provider="mistral", model="mistral-medium-2611", cost=None, currency="", started_at=timezone.now())
    run()


async def test_finance_finds_the_spike_sets_a_budget_and_prices_what_had_none(
    chrome: Browser, served: Site, company: Showcase
) -> None:
    await sync_to_async(spent)(company)
    tenant = (await sync_to_async(Membership.objects.get)(user=company.tomas)).tenant_id
    tomas = await visitor_of(chrome, served, company.tomas)
    page = await tomas.page("/usage/")
    await picture(page, "usage")
    await _find_who(page)
    await _set_a_budget(page, tenant)
    await _price(page, await visitor_of(chrome, served, company.root), served)
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name=re.compile("^CSV")).click()
    rows = (Path(await (await waiting.value).path())).read_text().splitlines()
    assert any("mistral-medium-2611" in row for row in rows)
    assert tomas.faults == []
    await tomas.close()


async def _find_who(page: Page) -> None:
    day = last_tuesday().strftime("%Y-%m-%d")
    await page.get_by_text("Custom").click()
    await page.get_by_label("First day").fill(day)
    await page.get_by_label("Last day").fill(day)
    await page.get_by_role("button", name="Show", exact=True).click()
    first = page.get_by_role("region", name="By person", exact=True).locator("tbody tr").first
    await expect(first).to_contain_text("Priya")
    await expect(first).to_contain_text("$240")
    await picture(page, "usage-spike")


async def _set_a_budget(page: Page, tenant: Any) -> None:
    await page.get_by_role("link", name="Budgets", exact=True).click()
    await page.get_by_label("Whose budget").select_option(label="Priya Nair")
    await page.get_by_label(re.compile("^Amount")).fill("100")
    await page.get_by_role("button", name="Make the budget").click()
    await expect(page.get_by_text("The budget holds from now on.")).to_be_visible()
    await expect(page.get_by_role("row", name=re.compile("Priya Nair"))).to_contain_text("$100")
    await picture(page, "usage-budgets")
    await sync_to_async(look)(tenant)  # what beat does each minute
    await page.goto(page.url.replace("/budgets/", "/alerts/"))
    if last_tuesday().month == timezone.now().month:
        await expect(page.get_by_text("$240.00 of $100.00 is spent")).to_be_visible()
    await picture(page, "usage-alerts")


async def _price(page: Page, staff: Any, site: Site) -> None:
    """Prices are the platform's: finance says which is missing, staff enter it, finance computes again."""
    await page.goto(f"{site.url}/usage/")
    await expect(page.get_by_text("1 call has no price and is not in any cost.")).to_be_visible()
    admin = await staff.page("/admin/providers/price/add/?provider=mistral&model=mistral-medium-2611")
    for label, value in (("Input:", "2"), ("Output:", "6"), ("Source:", "The contract of 2026")):
        await admin.get_by_label(label, exact=True).fill(value)
    await admin.locator("#id_valid_from_0").fill("2020-01-01")
    await admin.get_by_role("button", name="Save", exact=True).click()
    await expect(admin.get_by_text("was added successfully")).to_be_visible()
    await staff.close()
    await page.get_by_label("Reason").fill("The price came late.")
    await page.get_by_role("button", name=re.compile("^Recalculate ")).click()
    await expect(page.get_by_text("1 call has no price and is not in any cost.")).to_have_count(0)
    await expect(page.get_by_role("table", name="Recalculations")).to_contain_text("The price came late.")


def short_of_money(cast: Cast) -> None:
    Price.objects.create(
        provider="fireworks", model=MODEL, input=Decimal(1000), output=Decimal(1000), source="test",
        valid_from=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    with tenant_scope(cast.acme.pk):
        create(Budget(amount=Decimal("0.0001")), None)


def raise_the_budget(cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        Budget.objects.update(amount=Decimal(1000))


async def test_a_budget_that_will_not_pay_is_said_before_the_question_and_after_it(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    await sync_to_async(short_of_money)(cast)
    conversation = await conversation_of(await sync_to_async(cast.member)(cast.bob))
    page = await (await visitors(cast.bob, width=390)).page(f"/conversations/{conversation}/")
    await page.locator("[data-composer][data-ready]").wait_for()
    bar = page.locator("[data-budget]")
    await Chat(page).composer.fill("What does the margin do next")
    for _ in range(15):  # a new price holds in every process after ten seconds
        await Chat(page).composer.press_sequentially("?")
        with suppress(AssertionError):
            await expect(bar).to_be_visible(timeout=2000)
            break
    await expect(bar).to_contain_text("The budget may not cover this question. Your text is kept.")
    await expect(bar).to_contain_text("left")
    await picture(page, "ask-budget-390")
    await Chat(page).composer.fill("")
    await expect(bar).to_be_hidden()
    await Chat(page).composer.fill("What does the margin do next?")
    await Chat(page).composer.press("Enter")
    await expect(bar).to_contain_text("Your question is kept; ask your finance team to raise it")
    await expect(page.locator(".message--answer .note--warn")).to_contain_text("of the company budget for")
    await expect(page.get_by_text("What does the margin do next?")).to_be_visible()
    await picture(page, "asked-budget-390")
    await page.reload()
    await expect(bar).to_contain_text("Your question is kept")
    await bar.get_by_role("button", name="Try again").click()
    await expect(bar).to_contain_text("Your question is kept")  # refused once more
    await sync_to_async(raise_the_budget)(cast)
    await bar.get_by_role("button", name="Try again").click()
    await expect(page.locator('[data-message][data-status="complete"]')).to_have_count(1)
    await expect(bar).to_be_hidden()
