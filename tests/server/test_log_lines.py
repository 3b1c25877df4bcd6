"""Every event that somebody who runs csuite must see is one line of JSON with its facts and no secret."""

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from csuite import llm
from csuite.analytics.alerts.finding import Finding
from csuite.analytics.alerts.keeping import raise_alert
from csuite.analytics.budgets.changing import create
from csuite.analytics.budgets.rows import Budget
from csuite.llm import breaker, conf
from csuite.personas import publishing
from csuite.personas.models import PromptVersion
from csuite.providers.models import Release
from csuite.providers.releases import make_current
from csuite.server.logs import _formatter
from csuite.tenants import limits, people
from csuite.tenants.models import Flag
from csuite.tenants.scope import tenant_scope
from tests.analytics.money import priced
from tests.conftest import PASSWORD, Cast
from tests.fake_provider.server import running_apart

pytestmark = pytest.mark.django_db(transaction=True)
CANARY = "sk-CANARY-4f9a1d7c2b"


class Lines:
    def __init__(self, shape: str) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        kind = dict(_formatter(shape))
        self.handler.setFormatter(kind.pop("()")(**kind))

    @property
    def text(self) -> list[str]:
        return self.stream.getvalue().splitlines()

    def of(self, event: str, **facts: object) -> dict[str, Any]:
        """The one line of that event with these facts; every line of all is an object with its stamp."""
        found = [json.loads(line) for line in self.text]
        assert all({"event", "level", "logger", "timestamp"} <= line.keys() for line in found)
        assert CANARY not in self.stream.getvalue()
        assert PASSWORD not in self.stream.getvalue()
        wanted = [line for line in found if line["event"] == event and facts.items() <= line.items()]
        assert wanted, [line for line in found if line["event"] == event] or [line["event"] for line in found]
        return dict(wanted[0])


@contextmanager
def written(shape: str = "json") -> Iterator[Lines]:
    found = Lines(shape)
    root = logging.getLogger()
    root.addHandler(found.handler)
    try:
        yield found
    finally:
        root.removeHandler(found.handler)


@pytest.fixture
def lines() -> Iterator[Lines]:
    with written() as found:
        yield found


@pytest.fixture
def asked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Asks Acme's question of these models of the fake provider, the first and the fallback, some times."""
    monkeypatch.setenv("FAKE_API_KEY", CANARY)
    monkeypatch.setenv("OTHER_API_KEY", CANARY)
    with running_apart() as url:

        def ask(model: str, other: str = "", times: int = 1, free: bool = True) -> None:
            common = {"base_url": url, "free": free}
            rows = {
                "fake": {**common, "model": model, "key_name": "FAKE_API_KEY"},
                "other": {**common, "model": other, "key_name": "OTHER_API_KEY"},
            }
            chosen = {"PRIMARY": "fake", "FALLBACK": "other" if other else "", "ANALYST": "", "DISCOVER": False}
            with conf.override(PROVIDERS=rows, **chosen):
                for _ in range(times):
                    asyncio.run(_ask(cast.acme.pk))

        yield ask


async def _ask(tenant: UUID) -> None:
    call = llm.Call(messages=(llm.Message("user", "Why?"),), labels={"tenant": str(tenant)}, max_tokens=50)
    with suppress(llm.errors.LLMError):
        await llm.complete(call)


def test_a_retry(lines: Lines, asked: Any, cast: Cast) -> None:
    asked("fake-x503")
    line = lines.of("llm_event", name="retry")
    assert (line["provider"], line["model"], line["tenant"]) == ("fake", "fake-x503", str(cast.acme.pk))
    assert line["kind"]


def test_a_fallback(lines: Lines, asked: Any, cast: Cast) -> None:
    asked("fake-x500", "fake-4t")
    line = lines.of("llm_event", name="fallback")
    assert (line["provider"], line["to"], line["tenant"]) == ("fake", "other", str(cast.acme.pk))


def test_a_rate_limit_of_a_provider(lines: Lines, asked: Any) -> None:
    asked("fake-x429", "fake-4t")
    assert lines.of("llm_event", name="rate_limit")["provider"] == "fake"
    assert lines.of("provider_throttles")["factor"] < 1


def test_a_circuit_that_opens_and_closes(lines: Lines, asked: Any) -> None:
    asked("fake-x500", "fake-4t", times=6)
    line = lines.of("llm_event", name="breaker_open")
    assert (line["provider"], line["kind"], line["seconds"]) == ("fake", "server_error", 300.0)
    asyncio.run(breaker.reset("fake"))
    assert lines.of("llm_event", name="breaker_closed")["provider"] == "fake"


def test_a_call_without_a_price(lines: Lines, asked: Any, cast: Cast) -> None:
    asked("fake-4t", free=False)
    line = lines.of("llm_event", name="unpriced")
    assert (line["provider"], line["model"], line["tenant"]) == ("fake", "fake-4t", str(cast.acme.pk))


def test_a_budget_that_refuses(lines: Lines, asked: Any, cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        budget = Budget(amount=Decimal(0))
        create(budget, cast.fiona)
    priced("fake-6t")  # prices are kept for a while: no other test asks this one
    asked("fake-6t", free=False)
    line = lines.of("llm_event", name="budget_refused")
    assert (line["tenant"], line["budget"]) == (str(cast.acme.pk), str(budget.pk))
    line = lines.of("audited", action="budget.created")
    assert (line["user"], line["tenant"], line["target"]) == (str(cast.fiona.pk), str(cast.acme.pk), str(budget.pk))


def test_a_step_down_to_save(lines: Lines, asked: Any, cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        create(Budget(amount=Decimal(0), hard=False, step_down_at=Decimal("0.5"), step_down_to="bulk"), cast.fiona)
    asked("fake-4t")
    assert lines.of("llm_event", name="step_down")["tenant"] == str(cast.acme.pk)


def test_sign_ins_and_those_that_fail(lines: Lines, cast: Cast) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": "bob@acme.example", "password": "wrong-pass-1"})
    assert lines.of("sign_in_failed")["address"] == "127.0.0.1"
    browser.post("/accounts/login/", {"login": "bob@acme.example", "password": PASSWORD})
    line = lines.of("signed_in", user=str(cast.bob.pk))
    assert (line["staff"], line["address"]) == (False, "127.0.0.1")
    browser.post("/accounts/logout/")
    assert lines.of("signed_out", user=str(cast.bob.pk))
    assert "wrong-pass-1" not in lines.stream.getvalue()
    assert "bob@acme.example" not in lines.stream.getvalue()


def test_a_change_of_a_role(lines: Lines, cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        people.change(cast.member(cast.alice), cast.member(cast.bob).pk, "finance", "")
    line = lines.of("audited", action="member.changed")
    assert (line["user"], line["changed"]) == (str(cast.alice.pk), ["role"])
    assert line["target"] == str(cast.member(cast.bob).pk)


def test_a_change_of_a_flag(lines: Lines, cast: Cast) -> None:
    body = {"name": "ai-beta", "percent": "10"}
    Flag.objects.create(name="ai-beta", note="", superusers=False)
    cast.client(cast.root).put("/api/v1/admin/flags", body, content_type="application/json")
    line = lines.of("audited", action="flag.set")
    assert (line["name"], line["changed"], line["user"]) == ("ai-beta", ["percent"], str(cast.root.pk))


def test_a_change_in_the_admin_without_what_was_written(lines: Lines, cast: Cast) -> None:
    cast.client(cast.root).post(
        f"/admin/tenants/user/{cast.bob.pk}/change/", {"email": "bob@acme.example", "name": "Robert", "is_active": "on"}
    )
    line = lines.of("audited", action="admin.change")
    assert (line["id"], line["changed"]) == (str(cast.bob.pk), ["name"])
    assert "Robert" not in json.dumps(line)


def test_a_prompt_that_is_published_and_rolled_back(lines: Lines, cast: Cast) -> None:
    first = PromptVersion.objects.get(name="persona.cfo", version=1)
    draft = publishing.draft_from(first, cast.root)
    publishing.publish(draft, cast.root, "Shorter.")
    line = lines.of("audited", action="prompt.publish")
    assert (line["prompt"], line["user"]) == (draft.identifier, str(cast.root.pk))
    publishing.roll_back("persona.cfo", cast.root, "Too short.")
    assert lines.of("audited", action="prompt.roll_back")["prompt"] == first.identifier


def test_a_release_that_becomes_current(lines: Lines, cast: Cast) -> None:
    make_current(Release.objects.create(label="spring"), cast.root)
    assert lines.of("audited", action="release.current")["label"] == "spring"


def test_a_release_that_is_taken_back(lines: Lines, cast: Cast) -> None:
    from csuite.analytics.events import tell

    asyncio.run(tell("model_reverted", label="spring", to="1", reason="12 of 30 failed"))
    line = lines.of("llm_event", name="model_reverted")
    assert (line["label"], line["to"], line["reason"]) == ("spring", "1", "12 of 30 failed")


def test_an_alert(lines: Lines, cast: Cast) -> None:
    with tenant_scope(cast.acme.pk):
        raise_alert(Finding("unpriced", "model:x", "1 call", "x has no price", "So it is."), timezone.now())
    line = lines.of("alert_raised")
    assert (line["rule"], line["scope"], line["threshold"]) == ("unpriced", "model:x", "1 call")


def test_a_limit_that_is_reached(lines: Lines, cast: Cast) -> None:
    for _ in range(11):
        limits.take("chat", str(cast.acme.pk), cast.acme)
    line = lines.of("rate_limited")
    assert (line["limit"], line["key"], line["amount"], line["seconds"]) == ("chat", str(cast.acme.pk), 10, 60)


def test_an_act_that_was_taken_back_is_not_told(lines: Lines, cast: Cast) -> None:
    with suppress(ZeroDivisionError), tenant_scope(cast.acme.pk):
        people.change(cast.member(cast.alice), cast.member(cast.bob).pk, "finance", "")
        raise ZeroDivisionError
    assert cast.member(cast.bob).role == "executive"
    assert not any("member.changed" in line for line in lines.text)


@pytest.mark.parametrize("shape", ["json", "text"])
def test_what_somebody_writes_stays_within_its_line(cast: Cast, shape: str) -> None:
    """THREATS T27: line ends, control characters, turned and hidden text."""
    bad = "x\r\n2026-01-01 signed_in user=root\u2028\u202eevil\u200b\x1b[31m\U000e0041"
    with written(shape) as found:
        logging.getLogger("csuite.test").warning("asked for %s", bad)
        Client().get("/nothing%0d%0asigned_in%20user=root/", headers={"User-Agent": bad.replace("\r\n", " ")})
        logging.getLogger("django.request").warning("Not Found: %s", bad)
        with tenant_scope(cast.acme.pk):
            raise_alert(Finding("health", bad[:100], bad[:30], bad, bad), timezone.now())
    assert not any(line.lstrip().startswith(("signed_in", "2026-01-01 signed_in")) for line in found.text)
    for sign in "\r\u2028\u202e\u200b\x1b\U000e0041":
        assert sign not in found.stream.getvalue()
    if shape == "json":
        assert all(json.loads(line)["event"] for line in found.text)
