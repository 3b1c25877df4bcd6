"""One attempt at one provider, from its first byte to its row in the ledger."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import asdict, replace
from datetime import UTC, datetime
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar

from csuite.llm import conf, stats
from csuite.llm.breaker import Pass
from csuite.llm.call import Call
from csuite.llm.dialects import Said
from csuite.llm.errors import BrokenOff, LLMError
from csuite.llm.hold import Attempt, Hold
from csuite.llm.prices import FREE, Cost
from csuite.llm.registry import Route
from csuite.llm.tokens import count_messages, count_tokens
from csuite.llm.usage import Usage

log = logging.getLogger(__name__)
T = TypeVar("T")

CANCELLED = "cancelled"
# A provider that never began to answer bills nothing; after these it may have read the prompt.
MAY_BE_BILLED = frozenset({"", CANCELLED, "timeout", "midstream", "malformed", "validation"})


class Trial:
    """`async with Trial(…) as trial` books the attempt at its end, whatever the end is.

    fallback: it stands in for a better route. leave: of the breaker, told of the end.
    """

    def __init__(
        self,
        call: Call,
        route: Route,
        hold: Hold,
        number: int,
        note: str | None,
        *,
        streamed: bool,
        fallback: bool = False,
        leave: Pass | None = None,
    ) -> None:
        self.call, self.route, self.hold = call, route, hold
        self.number, self.note, self.streamed = number, note, streamed
        self.fallback, self._leave = fallback, leave
        self.said = Said()
        self.parts: list[str] = []
        self.ttft_ms: int | None = None
        self.json_valid: bool | None = None
        self.row: Attempt | None = None  # once it is booked
        self._reached = True
        self.started_at = datetime.now(UTC)
        self._begun = monotonic()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        total = self._since()
        if isinstance(error, LLMError):
            self._tell(error)
        await to_the_end(self._end(error, total))

    async def _end(self, error: BaseException | None, total: int) -> None:
        if self._leave is not None:
            await self._leave.settle(error)
        self._reached = not isinstance(error, LLMError) or error.reached
        await self._book(kind_of(error), total)

    def run(self) -> AsyncGenerator[str, None]:
        """The pieces of the answer."""
        dialect = conf.load(self.route.provider.dialect)
        pieces: AsyncGenerator[str, None] = dialect.run(self.call, self.route, self.said, streamed=self.streamed)
        return pieces

    def first(self) -> None:
        """The first text is here."""
        if self.streamed:
            self.ttft_ms = self._since()

    def text(self) -> str:
        return "".join(self.parts)

    def check_whole(self) -> None:
        """Raises BrokenOff unless the provider ended the answer properly."""
        if not self.said.whole:
            raise BrokenOff("the answer has no end", provider=self.route.provider.name, model=self.route.model)

    def _since(self) -> int:
        return round((monotonic() - self._begun) * 1000)

    def _tell(self, error: LLMError) -> None:
        error.tenant, error.attempt = self.call.labels.get("tenant", ""), self.number
        error.said = self.said.usage
        error.request_id = error.request_id or self.said.request_id

    async def _book(self, error_kind: str, total_ms: int) -> None:
        usage = self._usage(error_kind)
        price = await self._price(usage, error_kind)
        said, row = self.said, self.route.provider
        self.row = Attempt(
            labels=self.call.labels,
            task=self.call.task,
            provider=row.name,
            model=self.route.model,
            number=self.number,
            fallback=self.fallback,
            usage=usage,
            cost=price.amount,
            currency=price.currency,
            price_version=price.version,
            billed_cost=said.billed_cost,
            ttft_ms=self.ttft_ms,
            total_ms=total_ms,
            finish_reason=said.finish_reason or "",
            error_kind=error_kind,
            request_id=said.request_id,
            json_valid=self.json_valid,
            started_at=self.started_at,
            tier=self.route.tier,
            kind=self.call.labels.get("kind", ""),
        )
        stats.count(self.row)
        try:
            await self.hold.attempt(self.row)
        except Exception:
            # The answer matters more than its row: the row goes to the log, from which it can be booked again.
            log.exception("attempt not booked: %s", asdict(self.row))

    def _usage(self, error_kind: str) -> Usage:
        """The provider's counts; what is missing is estimated if it may be billed. Zeros of a failure are none."""
        said = self.said.usage
        model = self.route.model
        if error_kind and not self.said.whole:
            written = count_tokens(model, self.text()) if self.parts else 0
            # Anthropic counts a token or two at the beginning of a stream: what came says more than that.
            counted = said.completion if said.completion and said.completion >= written else None
            said = replace(said, prompt=said.prompt or None, completion=counted)
        missing = said.prompt is None or said.completion is None
        if not missing or (not self.parts and not (self._reached and error_kind in MAY_BE_BILLED)):
            return said
        return replace(
            said,
            prompt=count_messages(model, self.call.messages) if said.prompt is None else said.prompt,
            completion=count_tokens(model, self.text()) if said.completion is None else said.completion,
            estimated=True,
        )

    async def _price(self, usage: Usage, error_kind: str) -> Cost:
        row = self.route.provider
        if usage.prompt is None and usage.completion is None:
            return Cost(FREE, version="not billed") if error_kind else Cost()
        try:
            cost: Cost = await conf.seam("PRICES").cost(
                row.name, self.route.model, usage, self.started_at, free=row.free
            )
        except Exception:
            log.exception("no price for %s %s", row.name, self.route.model)
            return Cost()
        return cost


def kind_of(error: BaseException | None) -> str:
    """The word for the ledger: a kind, "cancelled", or "" for a whole answer."""
    if error is None:
        return ""
    if isinstance(error, LLMError):
        return error.kind
    return "server_error" if isinstance(error, Exception) else CANCELLED


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Runs `work` to its end even if the caller is cancelled meanwhile; the cancellation is passed on after it."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:
            break
    if cancelled is not None:
        raise cancelled
    return task.result()
