"""How the admin looks into a ledger of millions of lines without reading all of them."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.admin import SimpleListFilter
from django.core.paginator import Paginator
from django.utils import timezone

from csuite.llm.errors import KINDS
from csuite.llm.providers import table
from csuite.llm.tasks import TASKS

if TYPE_CHECKING:
    Pages = Paginator[Any]
else:
    Pages = Paginator  # generic for the type checker only

MOST = 10_000  # lines that can be paged through; more are found by filters and search
DAYS = {"": 7, "1": 1, "31": 31, "all": 0}


class ShortPaginator(Pages):
    """Counts no further than MOST: counting all lines would take seconds."""

    @cached_property
    def count(self) -> int:
        found: int = self.object_list[:MOST].count()  # type: ignore[attr-defined]  # a queryset has
        return found


class When(SimpleListFilter):
    """The last seven days unless another time is chosen: the ledger has no order over all companies."""

    title = "time"
    parameter_name = "when"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Past day"), ("31", "Past 31 days"), ("all", "All (slow)")]

    def choices(self, changelist: Any) -> Any:
        shown = iter(super().choices(changelist))
        yield {**next(shown), "display": "Past 7 days"}
        yield from shown

    def queryset(self, request: Any, queryset: Any) -> Any:
        days = DAYS.get(self.value() or "", 7)
        return queryset.filter(started_at__gte=timezone.now() - timedelta(days=days)) if days else queryset


def one_of(field: str, known: Callable[[], Iterable[str]]) -> type[SimpleListFilter]:
    """A filter by values the code knows; Django would look for them in every line."""

    class OneOf(SimpleListFilter):
        title = field.replace("_", " ")
        parameter_name = field

        def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
            return [(name, name) for name in known()]

        def queryset(self, request: Any, queryset: Any) -> Any:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return OneOf


FILTERS = (
    When,
    one_of("provider", lambda: table()),
    one_of("task", lambda: TASKS),
    one_of("error_kind", lambda: [*KINDS, "cancelled"]),
    "fallback",
    "estimated",
    "tenant",
)
