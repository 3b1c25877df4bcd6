"""The calls of one tenant, chosen by month, person, persona and model: a page of them, and their totals.

Everything here runs inside the tenant's scope.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict

from csuite.analytics.corrections import CostCorrection
from csuite.analytics.models import LedgerEntry
from csuite.llm.attempt import CANCELLED

PAGE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in UTC, as in all reports."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> "Month":
        moment = moment.astimezone(UTC)
        return cls(moment.year, moment.month)

    @classmethod
    def parse(cls, text: str) -> "Month | None":
        """From `2026-11`; None for anything else."""
        try:
            return cls.of(datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def plus(self, months: int) -> "Month":
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.plus(1).start


@dataclass(frozen=True, slots=True)
class Choice:
    """Which calls to look at. `model` is `provider/model`; empty means any."""

    month: Month
    person: UUID | None = None
    persona: str = ""
    model: str = ""

    @classmethod
    def from_query(cls, query: QueryDict, now: datetime) -> "Choice":
        """Reads month, person, persona and model; what cannot be read is left out."""
        try:
            person = UUID(query.get("person", ""))
        except ValueError:
            person = None
        month = Month.parse(query.get("month", "")) or Month.of(now)
        return cls(month, person, _clean(query, "persona"), _clean(query, "model"))

    def rows(self) -> QuerySet[LedgerEntry]:
        rows = of_month(self.month)
        if self.person:
            rows = rows.filter(user=self.person)
        if self.persona:
            rows = rows.filter(persona=self.persona)
        if self.model:
            provider, _, model = self.model.partition("/")
            rows = rows.filter(provider=provider, model=model)
        return rows

    def query(self, **more: str) -> str:
        """The same choice as a query string, with `more` added."""
        query = QueryDict(mutable=True)
        values = {
            "month": str(self.month),
            "person": str(self.person or ""),
            "persona": self.persona,
            "model": self.model,
            **more,
        }
        query.update({name: value for name, value in values.items() if value})
        return query.urlencode()


def _clean(query: QueryDict, name: str) -> str:
    return query.get(name, "").replace("\0", "")[:250]


def of_month(month: Month) -> QuerySet[LedgerEntry]:
    rows: QuerySet[LedgerEntry] = LedgerEntry.objects.filter(started_at__gte=month.start, started_at__lt=month.end)
    return rows


def corrected(rows: QuerySet[LedgerEntry]) -> QuerySet[Any]:
    """With `paid` and `paid_in`: the cost that holds, and its currency."""
    fixed = CostCorrection.objects.filter(entry=OuterRef("id")).order_by("-id")
    return rows.annotate(
        paid=Coalesce(Subquery(fixed.values("cost")[:1]), F("cost")),
        paid_in=Coalesce(Subquery(fixed.values("currency")[:1]), F("currency")),
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the list, newest first. The list goes on below it, however long it grew meanwhile."""

    started_at: datetime
    id: UUID

    @classmethod
    def parse(cls, text: str) -> "Mark | None":
        stamp, _, key = text.partition("_")
        try:
            return cls(EPOCH + timedelta(microseconds=int(stamp)), UUID(key))
        except (ValueError, OverflowError):
            return None

    @classmethod
    def at(cls, entry: LedgerEntry) -> "Mark":
        return cls(entry.started_at, entry.id)

    def __str__(self) -> str:
        return f"{(self.started_at - EPOCH) // timedelta(microseconds=1)}_{self.id}"


def page(rows: QuerySet[LedgerEntry], after: Mark | None, size: int = PAGE) -> tuple[list[LedgerEntry], bool]:
    """The next `size` calls below `after`, newest first, and whether more follow."""
    if after:
        rows = rows.filter(
            Q(started_at__lt=after.started_at) | Q(started_at=after.started_at, id__lt=after.id),
            started_at__lte=after.started_at,  # implied; lets the index find the place
        )
    found = list(rows.order_by("-started_at", "-id")[: size + 1])
    return found[:size], len(found) > size


_APART = Case(
    When(cached_apart=True, then=Coalesce(F("cached_tokens"), 0) + Coalesce(F("cache_write_tokens"), 0)),
    default=Value(0),
    output_field=IntegerField(),
)
TOKENS = Coalesce(F("prompt_tokens"), 0) + Coalesce(F("completion_tokens"), 0) + _APART


@dataclass(frozen=True, slots=True)
class Unpriced:
    """Calls of one model that no price was known for: they are in no total."""

    provider: str
    model: str
    calls: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Totals:
    """`costs`: (currency, amount) of the priced calls. `tokens` counts all calls, priced or not."""

    calls: int
    failed: int
    estimated: int
    people: int
    tokens: int
    costs: list[tuple[str, Decimal]]
    unpriced: list[Unpriced]

    @property
    def unpriced_calls(self) -> int:
        return sum(line.calls for line in self.unpriced)

    @property
    def unpriced_tokens(self) -> int:
        return sum(line.tokens for line in self.unpriced)


def totals(rows: QuerySet[LedgerEntry]) -> Totals:
    rows = rows.order_by()
    counts: dict[str, Any] = rows.aggregate(
        calls=Count("id"),
        failed=Count("id", filter=~Q(error_kind__in=["", CANCELLED])),
        estimated=Count("id", filter=Q(estimated=True)),
        people=Count("user", distinct=True),
        tokens=Coalesce(Sum(TOKENS), 0),
    )
    paid = corrected(rows)
    priced = paid.filter(paid__isnull=False).values_list("paid_in").annotate(sum=Sum("paid"))
    unpriced = (
        paid.filter(paid__isnull=True)
        .values_list("provider", "model")
        .annotate(calls=Count("id"), tokens=Coalesce(Sum(TOKENS), 0))
        .order_by("provider", "model")
    )
    return Totals(
        **counts,
        costs=[(currency, cost) for currency, cost in priced.order_by("paid_in")],
        unpriced=[Unpriced(*line) for line in unpriced],
    )


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be chosen within a month."""

    people: list[UUID]
    personas: list[str]
    models: list[str]


def offered(month: Month) -> Offered:
    rows = of_month(month).order_by()
    return Offered(
        people=[user for user in rows.values_list("user", flat=True).distinct() if user],
        personas=sorted(rows.exclude(persona="").values_list("persona", flat=True).distinct()),
        models=sorted(f"{p}/{m}" for p, m in rows.values_list("provider", "model").distinct()),
    )


def recent_months(now: datetime, count: int = 12) -> Iterator[Month]:
    """This month and those before it, newest first."""
    this = Month.of(now)
    return (this.plus(-back) for back in range(count))
