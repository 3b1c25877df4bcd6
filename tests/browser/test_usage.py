"""The usage page with two months of calls: accessible, fitting a phone, its tables a key away."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from playwright.async_api import Browser, expect

from csuite.analytics.rollups.rebuilding import run
from csuite.tenants.models import Membership
from tests.analytics.booking import booked
from tests.browser.showcase import Showcase, showcase
from tests.browser.site import Site, wait_until_quiet
from tests.browser.test_every_page import violations, visitor_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def company(transactional_db: None, served: Site) -> Iterator[Showcase]:
    yield showcase()
    wait_until_quiet()


MODELS = (("openai", "gpt-4.1", "1.9"), ("groq", "llama-3.3-70b", "0.4"), ("mistral", "mistral-large", "0.9"))


def two_months(company: Showcase) -> None:
    tenant = Membership.objects.get(user=company.tomas).tenant_id
    for back in range(70):
        day = timezone.now() - timedelta(days=back)
        for n, (provider, model, cost) in enumerate(MODELS):
            labels = {"persona": ("cfo", "ceo", "cto")[n], "user": str(company.elena.id if n else company.tomas.id)}
            weight = Decimal(1 if day.weekday() > 4 else 9) * (1 + Decimal(back * 7 % 5) / 10)
            booked(tenant, labels=labels, provider=provider, model=model, cost=Decimal(cost) * weight, started_at=day)
    booked(tenant, provider="mistral", model="mistral-medium-2611", cost=None, started_at=timezone.now())
    run()


@pytest.mark.parametrize("width", [1440, 390])
async def test_finance_reads_it_on_any_screen_and_opens_the_tables_by_key(
    chrome: Browser, served: Site, company: Showcase, width: int
) -> None:
    await sync_to_async(two_months)(company)
    visitor = await visitor_of(chrome, served, company.tomas, width)
    page = await visitor.page("/usage/")
    await expect(page.get_by_text("1 call has no price and is not in any cost.")).to_be_visible()
    await expect(page.get_by_role("img", name="Cumulative cost in")).to_be_visible()
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    for summary in await page.get_by_text("Show the data").all():
        await summary.focus()
        await page.keyboard.press("Enter")
    await expect(page.get_by_role("table", name="Daily and cumulative cost")).to_be_visible()
    await expect(page.get_by_role("table", name="by provider")).to_be_visible()
    assert await violations(page) == []
    await visitor.close()
