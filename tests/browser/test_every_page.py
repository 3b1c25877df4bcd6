"""Every page that the resolver knows: accessible in both themes, no error of the page, nothing from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone
from playwright.async_api import Browser, Page

from csuite.personas.models import PromptVersion
from csuite.providers.models import ProviderSetting
from csuite.tenants import invitations
from csuite.tenants.models import User
from tests.browser import kept
from tests.browser.addresses import addresses
from tests.browser.conftest import WIDTHS, Visitor
from tests.browser.showcase import Showcase, fresh_session, rows_of_the_admin, showcase
from tests.browser.site import Site, wait_until_quiet
from tests.conftest import PASSWORD

pytestmark = pytest.mark.asyncio(loop_scope="module")
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
# Django's own widgets of the admin, named in ways that axe does not accept.
NOT_OURS = ".select2-selection, .select2-selection__rendered, .help-tooltip, .vDateField, .vTimeField"
# What a theme can change; the rest of a page is the same in both.
COLOURS = ["color-contrast", "link-in-text-block"]
RUN = """([exclude, rules]) => axe.run({include: [['html']], exclude: exclude.split(', ').map((one) => [one])},
    {resultTypes: ['violations'], selectors: false, preload: false, ...(rules.length ? {runOnly: rules} : {})})
    .then((found) => found.violations.map((one) =>
    `${one.id} (${one.impact}): ${one.nodes.map((node) => node.html.slice(0, 120)).slice(0, 3).join(' | ')}`))"""
WIDE_AND_NARROW = [
    "/",
    "/insights/",
    "/conversations/",
    "/profile/",
    "/profile/access/",
    "/imports/",
    "/pipeline/",
    "/profile/interview/",
    "/profile/metrics/",
    "/profile/metrics/revenue/",
    "/usage/",
    "/usage/budgets/",
    "/accounts/login/",
]


@pytest.fixture
def shown(transactional_db: None, served: Site) -> Iterator[Showcase]:
    yield showcase()
    wait_until_quiet()


def next_week() -> str:
    """The Monday after next, with which a week of the forecast begins."""
    today = timezone.localdate()
    return (today + timedelta(days=14 - today.weekday())).isoformat()


def known_addresses(shown: Showcase) -> list[str]:
    ids = {
        "conversation": shown.conversation,
        "answer": shown.answer,
        "figure": shown.figure,
        "token": shown.token,
        "tenant": shown.invitation.tenant_id,
        "invitation": shown.invitation.pk,
        "member": shown.member,
        "budget": shown.budget,
        "run": shown.imports[0],
        "invoice": shown.invoice,
        "deal": shown.deal,
        "batch": shown.batch,
        "board": shown.board,
        "share": kept.share(shown.conversation),
        "decision": shown.decision,
        "start": next_week(),
        "task": "email",
        "metric": "gross_margin_pct",
        "provider_id": "nothing",
        "key": "nothing",
        "uidb36": "x",
        "app_label": "tenants",
        "identifier": "persona.cfo.v1",
        "version": PromptVersion.objects.get(name="persona.cfo", version=1).pk,
        "setting": ProviderSetting.objects.get(name="groq").pk,
        **rows_of_the_admin(),
    }
    letter = urlsplit(invitations.link(shown.invitation)).path
    return [
        *addresses(ids),
        *(f"/imports/{run}/" for run in shown.imports[1:]),
        letter,
        "/accounts/sso/?email=a@b.example",
        "/conversations/?q=nothing-like-it",
        f"/conversations/?deleted={shown.conversation}",
        "/search/?q=margin",
        f"/decisions/new/?message={shown.synthesis}",
        "/write/papers/",
        "/write/reminder/",
        "/nothing/here/",
    ]


async def visitor_of(chrome: Browser, site: Site, user: User | None, width: int = 1440) -> Visitor:
    context = await chrome.new_context(
        viewport={"width": width, "height": WIDTHS[width]}, reduced_motion="reduce", has_touch=width < 900
    )
    if user is not None:
        cookie = await sync_to_async(fresh_session)(user)
        await context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site.url}])
    return Visitor(context, site)


Themes = tuple[tuple[Literal["light", "dark"], list[str]], ...]
BOTH: Themes = (("light", []), ("dark", COLOURS))
LIGHT: Themes = (("light", []),)  # on a phone: its colours are those of the wide page


async def violations(page: Page, themes: Themes = BOTH) -> list[str]:
    """In both themes: all rules in the light one, and in the dark one again what its colours may break."""
    found: list[str] = []
    await page.evaluate(AXE)
    for scheme, rules in themes:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {one}" for one in await page.evaluate(RUN, [NOT_OURS, rules])]
    return found


@dataclass
class Walk:
    """What a visitor found: `wrong` in words, and the addresses that were not open to her."""

    visitor: Visitor
    page: Page
    themes: Themes = BOTH
    wrong: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    async def look(self, path: str) -> None:
        """Passes over what is no page (a form's target, a file) and where a redirect leads once more."""
        probe = await self.visitor.context.request.get(self.visitor.site.url + path)
        if probe.status == 403:
            self.refused.append(path)
        landed = probe.url.partition("?")[0] if probe.status < 400 else path
        if probe.status == 405 or landed in self.seen or "text/html" not in probe.headers.get("content-type", ""):
            return
        self.seen.add(landed)
        self.visitor.faults.clear()
        answer = await self.page.goto(self.visitor.site.url + path)
        assert answer is not None
        # A refused page is an error to the console too; what a page itself does wrong is not about its status.
        wrong = [f"console: {fault}" for fault in self.visitor.faults if "status of" not in fault]
        wide = await self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        wrong += ["wider than the screen"] if wide and "/admin/" not in path else []
        wrong += [f"{answer.status}"] if answer.status >= 500 else []
        self.wrong += [f"{path} {one}" for one in [*wrong, *await violations(self.page, self.themes)]]


async def walk(chrome: Browser, site: Site, user: User | None, paths: list[str], width: int = 1440) -> Walk:
    visitor = await visitor_of(chrome, site, user, width)
    found = Walk(visitor, await visitor.context.new_page(), LIGHT if width < 900 else BOTH)
    for path in paths:
        await found.look(path)
    await visitor.close()
    found.wrong += [f"asked {address}" for address in visitor.outside]
    return found


def assert_fine(found: Walk) -> None:
    assert not found.wrong, "\n".join(found.wrong)
    assert found.seen


async def test_every_page_of_a_company_is_accessible_in_both_themes(
    chrome: Browser, served: Site, shown: Showcase
) -> None:
    """What is not open to an executive is looked at by finance, and what is not open to her by an administrator."""
    paths = [path for path in await sync_to_async(known_addresses)(shown) if not path.startswith("/admin/")]
    found = await walk(chrome, served, shown.elena, paths)
    assert_fine(found)
    assert "/usage/" in found.refused
    for_finance = await walk(chrome, served, shown.tomas, found.refused)
    assert_fine(for_finance)
    for_admins = await walk(chrome, served, shown.priya, for_finance.refused)
    assert_fine(for_admins)
    assert "/people/" in for_finance.refused
    assert for_admins.refused == []


async def test_every_page_of_a_stranger_is_accessible_in_both_themes(
    chrome: Browser, served: Site, shown: Showcase
) -> None:
    paths = await sync_to_async(known_addresses)(shown)
    assert_fine(await walk(chrome, served, None, paths))


async def test_every_page_of_the_admin_is_accessible_in_both_themes(
    chrome: Browser, served: Site, shown: Showcase
) -> None:
    paths = [path for path in await sync_to_async(known_addresses)(shown) if path.startswith("/admin/")]
    assert_fine(await walk(chrome, served, shown.root, paths))


async def test_the_main_pages_fit_a_phone(chrome: Browser, served: Site, shown: Showcase) -> None:
    paths = [*WIDE_AND_NARROW, f"/conversations/{shown.conversation}/"]
    paths += [f"/imports/{run}/" for run in shown.imports]
    assert_fine(await walk(chrome, served, shown.tomas, paths, width=390))
    letters = [f"/pipeline/invoices/{shown.invoice}/reminder/"]
    assert_fine(await walk(chrome, served, shown.elena, [*paths, *letters], width=390))
    mine = ["/people/", f"/people/{shown.member}/", "/people/sign-in/", "/people/plan/", "/people/flags/", "/audit/"]
    assert_fine(await walk(chrome, served, shown.priya, mine, width=390))
    assert_fine(await walk(chrome, served, None, [urlsplit(invitations.link(shown.invitation)).path], width=390))


async def test_the_second_step_of_signing_in_is_accessible(chrome: Browser, served: Site, shown: Showcase) -> None:
    visitor = await visitor_of(chrome, served, None)
    page = await visitor.page("/accounts/login/")
    await page.get_by_label("Work e-mail").fill(shown.elena.email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url("**/accounts/2fa/authenticate/**")
    assert await violations(page) == []
    await visitor.close()


async def test_open_menus_are_accessible(chrome: Browser, served: Site, shown: Showcase) -> None:
    visitor = await visitor_of(chrome, served, shown.elena)
    page = await visitor.page(f"/conversations/{shown.conversation}/")
    for menu in (
        "summary.initials",
        "[data-picker] > summary",
        "summary[aria-label='Pin, export, share, rename or delete']",
    ):
        await page.locator(menu).click()
        assert await violations(page) == []
    await visitor.close()


async def test_no_address_is_forgotten(shown: Showcase) -> None:
    """The walk must see what it is meant to see."""
    paths: list[Any] = await sync_to_async(known_addresses)(shown)
    assert {"/", "/conversations/", f"/conversations/{shown.conversation}/", "/usage/", "/admin/"} <= set(paths)
    assert [path for path in paths if "<" in path or "(" in path] == []
