"""A browser, our site, and people in front of it."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    ViewportSize,
    async_playwright,
)

from csuite.tenants.models import Limit, User
from tests.browser.site import Site, chromium, session_cookie, wait_until_quiet
from tests.conftest import Cast
from tests.fake_provider import running_apart

MODEL = "fake-60t-20ms"
WIDTHS = {1440: 900, 390: 844}
PATIENCE = 20_000  # ms until an expectation that does not come true fails


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chrome() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
def served(django_db_setup: None) -> Iterator[Site]:
    with running_apart() as provider:
        site = Site(provider, MODEL)
        site.web.start()
        yield site
        site.web.stop()


@pytest.fixture
def site(transactional_db: None, cast: Cast, served: Site) -> Iterator[Site]:
    Limit.objects.update(amount=1_000_000)
    served.forget()
    yield served
    wait_until_quiet()


class Visitor:
    """A person with a browser of her own. `outside` and `faults` collect what must not happen."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context, self.site = context, site
        self.outside: list[str] = []
        self.faults: list[str] = []
        context.on("request", lambda request: self._watch(request.url))
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("dialog", self._asked)

    def _watch(self, url: str) -> None:
        if not url.startswith((self.site.url, self.site.url.replace("http", "ws"), "data:", "blob:")):
            self.outside.append(url)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    async def _asked(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog {dialog.message}")
        await dialog.dismiss()

    async def page(self, path: str = "/") -> Page:
        page = await self.context.new_page()
        page.set_default_timeout(PATIENCE)
        await page.goto(self.site.url + path)
        return page

    async def sign_in(self, user: User) -> "Visitor":
        cookie = await sync_to_async(session_cookie)(user)
        await self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.site.url}])
        return self

    async def close(self) -> None:
        await self.context.close()


class Visitors:
    def __init__(self, chrome: Browser, site: Site) -> None:
        self.chrome, self.site = chrome, site
        self.came: list[Visitor] = []

    async def __call__(self, user: User | None = None, *, width: int = 1440, **options: Any) -> Visitor:
        """Nobody, or somebody signed in, at a screen of that width."""
        viewport: ViewportSize = {"width": width, "height": WIDTHS[width]}
        options = {"has_touch": width < 900, "reduced_motion": "reduce", **options}
        context = await self.chrome.new_context(viewport=viewport, **options)
        visitor = Visitor(context, self.site)
        self.came.append(visitor)
        return await visitor.sign_in(user) if user else visitor


@pytest_asyncio.fixture(loop_scope="module")
async def visitors(chrome: Browser, site: Site) -> AsyncIterator[Visitors]:
    """Makes visitors. At the end none of them may have seen an error of the page or asked a foreign host."""
    found = Visitors(chrome, site)
    yield found
    for visitor in found.came:
        await visitor.close()
    assert [one for visitor in found.came for one in visitor.outside] == []
    assert [one for visitor in found.came for one in visitor.faults] == []
