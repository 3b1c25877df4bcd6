"""The main job: sign in, ask, watch the answer come, lose nothing."""

import pytest
from playwright.async_api import expect

from tests.browser.chat import PATIENCE, Chat, begin
from tests.browser.conftest import Visitors
from tests.browser.site import Site, pieces
from tests.conftest import PASSWORD, Cast

pytestmark = pytest.mark.asyncio(loop_scope="module")
wide_and_narrow = pytest.mark.parametrize("width", [1440, 390])
LONG = " ".join(f"word{n}" for n in range(150))
SLOW = {"pieces": pieces(LONG, 6), "pace_ms": 25}
RICH = """**October closed at 38.4%**, see [the bank](https://bank.example/x).

## What moved

| Cause | Points |
|---|--:|
| Air freight | -1.1 |

1. Put it back
2. Release `14` visits

```python
def margin(a, b):
    return a / b  # share
```

> Quoted, and ![an image](https://bank.example/i.png).
"""


@wide_and_narrow
async def test_a_person_signs_in_asks_from_home_and_gets_her_answer(
    visitors: Visitors, site: Site, cast: Cast, width: int
) -> None:
    visitor = await visitors(width=width)
    page = await visitor.page("/")
    assert "/accounts/login/" in page.url
    await page.get_by_label("Work e-mail").fill(cast.bob.email)
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("alert")).to_contain_text("not correct")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Bob")
    site.say("Because freight cost more.")
    chat = Chat(page)
    await chat.ask("Why did margin fall?")
    await page.wait_for_url("**/conversations/*-*/")
    await chat.ends()
    await expect(chat.prose).to_have_text("Because freight cost more.")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Why did margin fall?")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


@wide_and_narrow
async def test_a_reload_in_mid_answer_goes_on_where_it_was(
    visitors: Visitors, site: Site, cast: Cast, width: int
) -> None:
    site.say(SLOW)
    page = await (await visitors(cast.bob, width=width)).page("/conversations/")
    chat = await begin(page, site)
    await chat.writes()
    await page.reload()
    await chat.writes()
    await chat.ends()
    await expect(chat.prose).to_have_text(LONG)
    await expect(chat.answers).to_have_count(1)
    assert len(site.journal()) == 1


async def test_a_second_tab_sees_the_same_answer_come_and_the_next_question(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    site.say(SLOW, SLOW)
    visitor = await visitors(cast.bob)
    first = await begin(await visitor.page("/conversations/"), site)
    await first.writes()
    second = Chat(await visitor.page(first.page.url.removeprefix(site.url)))
    await second.writes()
    await first.ends()
    await second.ends()
    await expect(second.prose).to_have_text(LONG)
    await first.ask("And now?")
    await expect(second.page.get_by_text("And now?")).to_be_visible()
    await expect(second.answers).to_have_count(2)
    await second.ends()
    await expect(second.prose).to_have_text(LONG)
    assert await first.dom() == await second.dom()


@wide_and_narrow
async def test_stop_ends_the_answer_and_keeps_what_was_said(
    visitors: Visitors, site: Site, cast: Cast, width: int
) -> None:
    site.say(SLOW)
    page = await (await visitors(cast.bob, width=width)).page("/conversations/")
    chat = await begin(page, site)
    await chat.writes()
    if width > 900:
        await page.keyboard.press("Escape")
    else:
        await page.get_by_role("button", name="Stop").tap()
    await chat.ends("stopped")
    kept = await chat.prose.inner_text()
    assert LONG.startswith(kept)
    assert 0 < len(kept) < len(LONG)
    await expect(chat.last).to_contain_text("Stopped.")
    await expect(chat.last.get_by_role("button", name="Copy")).to_be_hidden()
    (entry,) = site.journal()
    assert entry["outcome"] == "aborted"
    site.say("and the rest.")
    await chat.last.get_by_role("button", name="Continue").click()
    await expect(chat.last.locator('[data-slot="variant"]')).to_have_text("2/2")
    await chat.ends()
    assert (await chat.prose.inner_text()).startswith(kept)
    await chat.last.get_by_role("button", name="Previous version").click()
    await chat.ends("stopped")
    await expect(chat.prose).to_have_text(kept)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"pieces": pieces(RICH, 3), "pace_ms": 2}, "complete"),
        ({"text": LONG, "fault": "cut", "after": 20, "pace_ms": 2}, "interrupted"),
        ({"fault": "500"}, "complete"),  # the analyst steps in, and says so
        ({"pieces": [""]}, "failed"),
    ],
)
async def test_a_reload_shows_the_same_transcript(
    visitors: Visitors, site: Site, cast: Cast, answer: dict[str, object], status: str
) -> None:
    site.say(*[answer] * 4)
    page = await (await visitors(cast.bob)).page("/conversations/")
    chat = await begin(page, site, "First line\nand <b>second</b>")
    await chat.ends(status)
    await chat.ask("Again?")
    await expect(chat.answers).to_have_count(2)
    await chat.ends(status)
    live = await chat.dom()
    await page.reload()
    assert await chat.dom() == live


async def test_a_rich_answer_is_built_as_the_design_has_it(visitors: Visitors, site: Site, cast: Cast) -> None:
    site.say({"pieces": pieces(RICH, 3), "pace_ms": 4})
    page = await (await visitors(cast.bob)).page("/conversations/")
    chat = await begin(page, site)
    await chat.ends()
    await expect(chat.prose.locator(".scroll-x > table.table td.n")).to_have_text("-1.1")
    await expect(chat.prose.locator("pre.code .k").first).to_have_text("def")
    await expect(chat.prose.locator("a").first).to_have_attribute("rel", "noopener noreferrer nofollow")
    await expect(chat.prose.locator(".host").first).to_have_text("(bank.example)")
    await expect(chat.prose.locator("img")).to_have_count(0)


async def test_questions_asked_while_one_is_answered_wait_their_turn(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    site.say(SLOW, "Second answer.", "Third answer.")
    page = await (await visitors(cast.bob)).page("/conversations/")
    chat = await begin(page, site, "One")
    await chat.writes()
    await chat.ask("Two")
    await chat.ask("Three")
    await expect(chat.last).to_have_attribute("data-status", "queued")
    await expect(chat.answers).to_have_count(3)
    await page.reload()
    await chat.ends()
    await expect(chat.answers.locator(".prose")).to_have_text([LONG, "Second answer.", "Third answer."])
    await expect(page.locator(".message__body")).to_have_text(["One", "Two", "Three"])


async def test_several_personas_answer_one_question(visitors: Visitors, site: Site, cast: Cast) -> None:
    site.say("One view.", "Another view.")
    page = await (await visitors(cast.bob)).page("/conversations/")
    await page.locator("[data-picker] summary").click()
    await page.get_by_label("Several at once").check()
    await page.get_by_label("CTO").check()
    chat = await begin_here(Chat(page), "What do both of you think?")
    await expect(chat.answers).to_have_count(3)  # the synthesis is the third
    await expect(chat.last).not_to_have_attribute("aria-busy", "true", timeout=PATIENCE)
    await expect(page.get_by_role("heading", name="CFO")).to_be_visible()
    await expect(page.get_by_role("heading", name="CTO")).to_be_visible()


async def begin_here(chat: Chat, question: str) -> Chat:
    await chat.ask(question)
    await chat.page.wait_for_url("**/conversations/*-*/")
    return chat


async def test_without_scripts_a_question_is_asked_and_the_whole_answer_read(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    site.say({"pieces": pieces("A whole answer, word by word. " * 8, 12), "pace_ms": 60})
    visitor = await visitors(cast.bob, java_script_enabled=False)
    page = await visitor.page("/conversations/")
    await page.get_by_role("textbox", name="Your question").fill("Why?")
    await page.get_by_role("button", name="Send", exact=True).click()
    await page.wait_for_url("**/conversations/*-*/")
    await expect(page.locator('[data-status="complete"] .prose')).to_contain_text("word by word", timeout=30_000)
    await expect(page.locator("[data-message]")).to_have_count(1)
    await expect(page.get_by_role("button", name="Stop")).to_be_hidden()


async def test_an_edited_question_is_asked_again_and_the_first_version_stays(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    site.say("First.", "Follows the first.", "Second.")
    page = await (await visitors(cast.bob)).page("/conversations/")
    chat = await begin(page, site, "Whi did it fall?")
    await chat.ends()
    await chat.ask("And then?")
    await expect(chat.answers).to_have_count(2)
    await chat.ends()
    await page.locator(".message--question").first.hover()
    await page.get_by_role("button", name="Edit and resend").first.click()
    await expect(chat.composer).to_have_value("Whi did it fall?")
    await chat.ask("Why did it fall?")
    await expect(chat.answers).to_have_count(1)
    await chat.ends()
    await expect(chat.prose).to_have_text("Second.")
    await expect(page.locator(".message__body")).to_have_text(["Why did it fall?"])
    await expect(page.locator(".message--question [data-slot=variant]")).to_have_text("2/2")
    live = await chat.dom()
    await page.reload()
    assert await chat.dom() == live
    await page.get_by_role("button", name="Previous version of the question").click()
    await expect(page.locator(".message__body")).to_have_text(["Whi did it fall?", "And then?"])
    await expect(chat.prose).to_have_text("Follows the first.")


async def test_another_try_at_an_earlier_answer_starts_a_way_of_its_own(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    site.say("First.", "Follows the first.", "Another first.")
    page = await (await visitors(cast.bob)).page("/conversations/")
    chat = await begin(page, site, "One")
    await chat.ends()
    await chat.ask("Two")
    await expect(chat.answers).to_have_count(2)
    await chat.ends()
    await chat.answers.first.get_by_role("button", name="Regenerate").click()
    await expect(chat.answers).to_have_count(1)
    await chat.ends()
    await expect(chat.prose).to_have_text("Another first.")
    live = await chat.dom()
    await page.reload()
    assert await chat.dom() == live
