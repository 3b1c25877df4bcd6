"""The conversation page as tests see it."""

from playwright.async_api import Locator, Page, expect

from tests.browser.site import Site

PATIENCE = 20_000  # ms


class Chat:
    """One open conversation page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def answers(self) -> Locator:
        return self.page.locator("[data-thread] [data-message]")

    @property
    def last(self) -> Locator:
        return self.answers.last

    @property
    def prose(self) -> Locator:
        return self.last.locator(".prose")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Your question")

    async def ask(self, text: str) -> None:
        await self.page.locator("[data-composer][data-ready]").wait_for()
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def ends(self, status: str = "complete") -> None:
        await expect(self.last).to_have_attribute("data-status", status, timeout=PATIENCE)

    async def writes(self) -> None:
        """Until there is some text of an answer that is still being written."""
        await expect(self.page.locator('[data-status="streaming"] .prose > *').first).to_be_visible(timeout=PATIENCE)

    async def dom(self) -> str:
        """The transcript as it stands. Clocks may differ by a minute; a token is new in every page."""
        html: str = await self.page.evaluate(
            """() => {
                const copy = document.querySelector('[data-thread]').cloneNode(true);
                for (const other of copy.querySelectorAll('time, [name=csrfmiddlewaretoken]')) other.remove();
                return copy.innerHTML;
            }"""
        )
        return html


async def begin(page: Page, site: Site, question: str = "Why did margin fall?") -> Chat:
    """Asks the first question on the page of new conversations and waits for the conversation's page."""
    await page.goto(f"{site.url}/conversations/")
    chat = Chat(page)
    await chat.ask(question)
    await page.wait_for_url("**/conversations/*-*/")
    return chat
