"""Metric values out of files: a row for each value, or a row for each month with a column for each metric."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.text import slugify

from csuite.imports.mapping import plain
from csuite.imports.targets import Context, Field, Kind, Record, Sink, Target, Writer, Wrong, register
from csuite.profiles.models import Metric, MetricPoint, MetricRevision, Unit
from csuite.profiles.signals import metrics_imported
from csuite.profiles.values import as_of

KEY_LENGTH = 60
NAMES = ("period", "date", "month", "monat", "time")
KEYS = ("metric_id", "line", "period", "is_forecast")
ALONG = ("as_of", "source", "note")

# Words in the name of a metric that is money, though its column shows no currency; which of it is better low; and
# words that make a share or a number of it.
SPENT = frozenset({"cost", "costs", "expense", "expenses", "spend", "debt", "overdue", "payables", "kosten", "gastos"})
EARNED = frozenset({"revenue", "revenues", "sales", "turnover", "cash", "profit", "ebit", "ebitda", "bookings", "arr",
                    "mrr", "receivables", "umsatz", "erlöse", "gewinn", "ingresos", "ventas"})  # fmt: skip
SHARES = frozenset({"pct", "percent", "rate", "ratio", "share", "margin", "count", "number", "days", "per"})

MONTH = Field("month", "Month", Kind.MONTH, required=True, names=NAMES)
LINE = Field("line", "Product line", names=("line", "product line", "segment"), longest=80)
LONG = (
    Field("metric", "Metric", required=True, names=("name", "kpi", "measure", "indicator"), longest=120),
    MONTH,
    Field("value", "Value", Kind.NUMBER, required=True, names=("amount", "figure", "result"), places=4),
    LINE,
    Field("as_of", "As of", Kind.DATE, names=("as of", "stand")),
    Field("source", "Source", longest=160),
    Field("note", "Note", names=("comment", "remark"), longest=240),
)


def key_of(name: str) -> str:
    return slugify(name).replace("-", "_")[:KEY_LENGTH].strip("_")


@dataclass(slots=True)
class _Metrics:
    """The metrics of the company by every name they have."""

    known: dict[str, UUID] = field(default_factory=dict)
    written: dict[str, UUID] = field(default_factory=dict)  # as a file writes it, which it does again and again

    @classmethod
    def read(cls) -> "_Metrics":
        found = cls()
        for row in Metric.objects.all():
            for name in (*map(str, row.synonyms), row.name, row.key):  # what comes later wins: the key is the surest
                found.known[plain(name)] = row.pk
        return found

    def find(self, name: str) -> UUID | None:
        if (again := self.written.get(name)) is not None:
            return again
        found = self.known.get(plain(name)) or self.known.get(plain(key_of(name)))
        if found is not None:
            self.written[name] = found
        return found

    def make(self, writer: Writer, name: str, unit: str) -> UUID:
        position = len(self.known) + 1
        row = {"key": key_of(name), "name": name[:120], "unit": unit, "position": position}
        row |= {"good": Metric.Good.NEITHER} if unit == Unit.COUNT else {}
        row |= {"good": Metric.Good.DOWN} if unit == Unit.CURRENCY and SPENT & set(plain(name).split()) else {}
        (made,) = writer.put(Metric, ("key",), [row])
        self.known[plain(name)] = made
        return made


class _Values:
    """What both ways of writing a file have in common: points with their history, and whom to tell."""

    def __init__(self, context: Context) -> None:
        self.context, self.metrics = context, _Metrics.read()
        self.touched: set[UUID] = set()
        self.periods: set[date] = set()
        self.last_days: dict[date, date] = {}  # of months
        self.now = timezone.now()

    def take(self, records: Sequence[Record], writer: Writer) -> list[Wrong]:
        wrong: list[Wrong] = []
        points = [point for record in records for point in self.points(record, writer, wrong)]
        self._history(points, writer)
        writer.put(MetricPoint, KEYS, points, along=ALONG)
        self.touched |= {point["metric_id"] for point in points}
        self.periods |= {point["period"] for point in points}
        return wrong

    def points(self, record: Record, writer: Writer, wrong: list[Wrong]) -> Iterable[dict[str, Any]]:
        raise NotImplementedError

    def point(self, metric: UUID, record: Record, value: Decimal) -> dict[str, Any]:
        period: date = record.get("month")
        last = self.last_days.get(period) or self.last_days.setdefault(period, as_of(period))
        return {
            "metric_id": metric,
            "line": record.text("line"),
            "period": period,
            "is_forecast": False,
            "value": value,
            "as_of": record.get("as_of") or last,
            "source": (record.text("source") or self.context.source)[:160],
            "note": record.text("note"),
        }

    def _history(self, points: Sequence[Mapping[str, Any]], writer: Writer) -> None:
        """What these points replace."""
        rows = list(
            MetricPoint.objects.filter(
                metric_id__in={point["metric_id"] for point in points}, period__in={point["period"] for point in points}
            ).values("id", "value", "source", *KEYS)
        )
        if not rows:
            return
        wanted = {tuple(point[key] for key in KEYS): point["value"] for point in points}
        replaced = [
            {"point_id": row["id"], "replaced_at": self.now, "value": row["value"], "source": row["source"],
             "replaced_by_id": self.context.user}
            for row in rows
            if wanted.get(tuple(row[key] for key in KEYS), row["value"]) != row["value"]
        ]  # fmt: skip
        if replaced:
            writer.put(MetricRevision, ("point_id", "replaced_at"), replaced)

    def announce(self, tenant: UUID) -> None:
        from csuite.tenants.scope import tenant_scope

        with tenant_scope(tenant):
            keys = sorted(Metric.objects.filter(pk__in=self.touched).values_list("key", flat=True))
        metrics_imported.send(None, tenant=tenant, metrics=keys, periods=sorted(self.periods))


class LongSink(_Values):
    """A row for each value. `seen`: rows by metric and month, since two names may mean one metric."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.seen: dict[tuple[Any, ...], int] = {}

    def points(self, record: Record, writer: Writer, wrong: list[Wrong]) -> Iterable[dict[str, Any]]:
        name = record.text("metric")
        found = self.metrics.find(name)
        if found is None and not key_of(name):
            wrong.append(Wrong(record.row, self.context.headings["metric"], "The name has no letter."))
            return
        metric = found or self.metrics.make(writer, name, _unit(self.context.columns["value"], name))
        point = self.point(metric, record, record.get("value"))
        which = (metric, point["line"], point["period"])
        earlier = self.seen.setdefault(which, record.row)
        if earlier != record.row:
            wrong.append(Wrong(record.row, "", f"Row {earlier} has a value of the same metric and month."))
            return
        yield point


class TableSink(_Values):
    """A row for each month. The field is `metric:<id>` or `new:<heading>`."""

    def points(self, record: Record, writer: Writer, wrong: list[Wrong]) -> Iterable[dict[str, Any]]:
        used: dict[UUID, str] = {}
        for key, value in record.values.items():
            kind, _, name = key.partition(":")
            if not name or value is None:
                continue
            metric = UUID(name) if kind == "metric" else self.metrics.find(name)
            metric = metric or self.metrics.make(writer, name, _unit(self.context.columns[key], name))
            heading = self.context.headings[key]
            if used.setdefault(metric, heading) != heading:
                wrong.append(Wrong(record.row, heading, f"It is the same metric as {used[metric]}."))
                continue
            yield self.point(metric, record, record.get(key))


def _unit(column: Mapping[str, Any], name: str) -> str:
    """What a new metric is measured in, by the signs in its column and its name; a person can say better afterwards."""
    if column["percent"]:
        return Unit.PERCENT
    words = set(plain(name).split())
    return Unit.CURRENCY if column["currency"] or (words & (SPENT | EARNED) and not words & SHARES) else Unit.COUNT


def table_fields(columns: Sequence[Mapping[str, Any]]) -> Sequence[Field]:
    """Month, line, every metric there is, and a new one for each heading that names none."""
    there = [
        Field(f"metric:{row.pk}", row.name, Kind.NUMBER, names=(row.key, *map(str, row.synonyms)), places=4)
        for row in Metric.objects.all()
    ]
    known = {plain(name) for one in (MONTH, LINE, *there) for name in (one.label, *one.names)}
    new = [
        Field(f"new:{heading}", f"New metric: {heading}", Kind.NUMBER, names=(heading,), places=4)
        for heading in dict.fromkeys(str(column["heading"]) for column in columns)
        if plain(heading) not in known and key_of(heading)
    ]
    return (MONTH, LINE, *there, *new)


def _long(context: Context) -> Sink:
    return LongSink(context)


def _table(context: Context) -> Sink:
    return TableSink(context)


def register_targets() -> None:
    register(Target("metrics", "Metrics, one column each", "a row for each month", table_fields,
                    ("month", "line"), _table, "metrics_list"))  # fmt: skip
    register(Target("values", "Metrics, one value a row", "metric, month and value", lambda columns: LONG,
                    ("metric", "month", "line"), _long, "metrics_list"))  # fmt: skip
