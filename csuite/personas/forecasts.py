"""The tenant's cash forecast, kept in memory as long as the rows that it stands on stay as they are.

Reading a large company's rows and foretelling 1,000 deals takes most of a second; looking whether a row changed takes
milliseconds. Every process keeps its own.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from csuite.deals import models as deals
from csuite.personas.cashbook import Cashbook, read_cashbook
from csuite.personas.cashflow import Forecast, Learned, learn, predict_cashflow
from csuite.personas.cashflow.results import Granularity
from csuite.tenants.models import Tenant

KEPT, FORECASTS = 8, 12  # companies, and forecasts of each
TABLES = (
    deals.Pipeline, deals.Stage, deals.Deal, deals.StageEntry, deals.Customer,
    deals.Invoice, deals.Note, deals.Expectation, deals.Reading,
)  # fmt: skip
VERSION = """SELECT count(*), coalesce(sum(hashtidextended(ctid, xmin::text::bigint)), 0)
    FROM "{table}" WHERE tenant_id = %s"""
Asked = tuple[str, int, Granularity, float]  # pipeline, days, week or month, least confidence


@dataclass(slots=True)
class Standing:
    """What a company's forecasts stand on; `read_at` is when its rows were read."""

    version: str
    today: date
    currency: str
    cashbook: Cashbook
    learned: Learned
    read_at: datetime
    forecasts: "OrderedDict[Asked, Forecast]" = field(default_factory=OrderedDict)

    def forecast(self, asked: Asked) -> Forecast:
        """Raises BadFact for what makes no sense."""
        found = self.forecasts.get(asked)
        if found is None:
            pipeline, days, granularity, least = asked
            hints: Mapping[str, Any] = self.cashbook.hints
            found = predict_cashflow(
                pipeline,
                days,
                granularity,
                book=self.cashbook.book,
                today=self.today,
                currency=self.currency,
                assumptions=self.cashbook.assumptions,
                learned=self.learned,
                overrides=self.cashbook.overrides,
                hints=(lambda _deals, _known: hints) if hints else None,
                least_confidence=least,
            )
            self.forecasts[asked] = found
            while len(self.forecasts) > FORECASTS:
                self.forecasts.popitem(last=False)
        return found


_kept: OrderedDict[UUID, Standing] = OrderedDict()
_lock = Lock()


def standing(tenant: Tenant) -> Standing:
    """Of the tenant whose scope is open."""
    today, version = tenant.today(), data_version(tenant.pk)
    with _lock:
        found = _kept.get(tenant.pk)
    if found is None or (found.version, found.today, found.currency) != (version, today, tenant.currency):
        cashbook = read_cashbook()
        learned = learn(cashbook.book, today, cashbook.assumptions)
        found = Standing(version, today, tenant.currency, cashbook, learned, timezone.now())
    with _lock:
        _kept[tenant.pk] = found
        _kept.move_to_end(tenant.pk)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def data_version(tenant: UUID) -> str:
    """Changes with every row of the company's deals: each change writes a row's version anew, at a place of its own."""
    counted = " UNION ALL ".join(VERSION.format(table=model._meta.db_table) for model in TABLES)
    with connection.cursor() as cursor:
        cursor.execute(counted, [tenant] * len(TABLES))
        return ";".join(f"{count}:{total}" for count, total in cursor.fetchall())
