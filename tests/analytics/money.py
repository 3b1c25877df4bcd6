"""Budgets with a paid provider: each piece of an answer costs 0.001, prompts are free, answers have 20 pieces."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async

from csuite import llm
from csuite.analytics.budgets.changing import create
from csuite.analytics.models import Budget, BudgetCounter, BudgetHold
from csuite.llm import conf
from csuite.llm.errors import LLMError
from csuite.providers.models import Price
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.fake_provider import FakeProvider

TOKENS = 20
ANSWER = Decimal("0.020")  # what one whole answer costs


def priced(model: str = f"fake-{TOKENS}t", provider: str = "fake", **fields: Any) -> None:
    """A price row, per million tokens."""
    Price.objects.create(
        provider=provider, model=model, valid_from="2020-01-01T00:00Z", source="test",
        **{"input": Decimal(0), "output": Decimal(1000), **fields},
    )  # fmt: skip
    conf.load("csuite.providers.prices.RowPrices").forget()


@contextmanager
def paid(fake: FakeProvider, model: str = f"fake-{TOKENS}t", **rows: Any) -> Iterator[None]:
    """The fake provider answers alone."""
    with conf.override(PRIMARY="fake", FALLBACK="", ANALYST="", PROVIDERS={"fake": fake.row(model), **rows}):
        yield


def budget(tenant: UUID, amount: str | None, **fields: Any) -> Budget:
    made = Budget(tenant_id=tenant, amount=None if amount is None else Decimal(amount), **fields)
    with tenant_scope(tenant):
        create(made, None)
    return made


def asking(tenant: UUID, user: UUID | None = None, persona: str = "cfo", **fields: Any) -> llm.Call:
    labels = {"tenant": str(tenant), "persona": persona, **({"user": str(user)} if user else {})}
    return llm.Call(
        messages=(llm.Message("user", "Why did gross margin fall?"),),
        **{"labels": labels, "max_tokens": TOKENS, **fields},
    )


def counter(of: Budget) -> Any:
    """The one counter of a budget."""
    with platform_scope("test"):
        return BudgetCounter.objects.get(budget_id=of.id)


def held() -> tuple[Any, int]:
    """(what all counters hold, how many holds are open)."""
    with platform_scope("test"):
        return sum((c.held for c in BudgetCounter.objects.all()), Decimal(0)), BudgetHold.objects.count()


def expire_holds() -> None:
    """As if their time were over."""
    with platform_scope("test"):
        BudgetHold.objects.update(expires_at="2020-01-01T00:00Z")


@sync_to_async
def setting(*budgets: Any, **price: Any) -> list[Any]:
    """A price, and a budget for each (tenant, amount, fields)."""
    priced(**price)
    return [budget(tenant, amount, **(fields[0] if fields else {})) for tenant, amount, *fields in budgets]


async def outcome(call: llm.Call) -> str:
    try:
        await llm.complete(call)
    except LLMError as error:
        return error.kind
    return "answered"
