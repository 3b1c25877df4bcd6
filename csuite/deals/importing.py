"""Deals, customers, invoices, products and sellers out of files. What a row names and is not there yet is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Model

from csuite.deals import fields
from csuite.deals.models import Customer, Deal, Invoice, Note, Pipeline, Product, Seller, Stage, StageEntry
from csuite.deals.signals import changed
from csuite.imports.mapping import plain
from csuite.imports.targets import Context, Field, Record, Sink, Target, Writer, Wrong, register

PIPELINE = "Sales"  # where deals go that name none
# Words of a stage's name, and where such a stage usually stands.
ORDER = (
    ("lead", 10), ("prospect", 10), ("qualif", 15), ("engag", 20), ("contact", 20), ("quot", 30), ("propos", 30),
    ("negot", 40), ("order", 50), ("progress", 60), ("produc", 70), ("suppl", 70), ("await", 80), ("receipt", 80),
    ("invoic", 90),
)  # fmt: skip
# Fields that are taken as they are; what the file has no column for stays as it is.
DATED = (("value", "value"), ("opened", "opened_on"), ("closed", "closed_on"))
WON, LOST, LAST = ("won", "closed won", "paid", "gewonnen"), ("lost", "closed lost", "verloren"), 100


def folded(name: str) -> str:
    """GTXPro and "GTX Pro" are one thing."""
    return plain(name).replace(" ", "")


@dataclass(slots=True)
class Names:
    """Rows of a table by their names; what is missing is made, once, however often the file names it."""

    model: type[Model]
    known: dict[str, UUID] = field(default_factory=dict)

    @classmethod
    def of(cls, model: type[Model]) -> "Names":
        rows = model._default_manager.values_list("name", "id")
        return cls(model, {folded(name): key for name, key in rows})

    def ids(self, records: Sequence[Record], key: str, writer: Writer) -> dict[str, UUID]:
        """For every name in these records: its id."""
        names = {record.text(key) for record in records if record.text(key)}
        missing = {folded(name): name for name in sorted(names) if folded(name) not in self.known}
        made = writer.put(self.model, ("name",), [{"name": name} for name in missing.values()])
        self.known |= dict(zip(missing, made, strict=True))
        return {name: self.known[folded(name)] for name in names}


class _Announcing:
    def announce(self, tenant: UUID) -> None:
        changed.send(None, tenant=tenant)


class NamedSink(_Announcing):
    """Customers, products, sellers: rows that have a name and a few facts."""

    def __init__(self, model: type[Model]) -> None:
        self.model, self.names = model, Names.of(model)
        self.written = dict(model._default_manager.values_list("id", "name"))
        self.seen: dict[str, int] = {}

    def take(self, records: Sequence[Record], writer: Writer) -> list[Wrong]:
        wrong, rows = [], []
        for record in records:
            name = record.text("name")
            earlier = self.seen.setdefault(folded(name), record.row)
            if earlier != record.row:
                wrong.append(Wrong(record.row, "", f"Row {earlier} means the same."))
                continue
            there = self.names.known.get(folded(name))
            facts: dict[str, Any] = {key: record.get(key) for key in record.values if key != "name"}
            facts |= {key: int(facts[key]) for key in ("founded", "employees") if facts.get(key) is not None}
            facts |= {key: record.text(key) for key in ("sector", "country", "parent", "series", "manager", "region")
                      if key in facts}  # fmt: skip
            rows.append({"name": self.written.get(there, name) if there else name, **facts})
        for names in {tuple(sorted(row)) for row in rows}:
            writer.put(self.model, ("name",), [row for row in rows if tuple(sorted(row)) == names])
        return wrong


class DealSink(_Announcing):
    def __init__(self, context: Context) -> None:
        self.context = context
        self.customers, self.sellers, self.products = Names.of(Customer), Names.of(Seller), Names.of(Product)
        self.pipelines = Names.of(Pipeline)
        rows = Stage.objects.values_list("pipeline_id", "name", "id")
        self.stages: dict[tuple[UUID, str], UUID] = {(home, folded(name)): key for home, name, key in rows}

    def take(self, records: Sequence[Record], writer: Writer) -> list[Wrong]:
        customers = self.customers.ids(records, "customer", writer)
        sellers = self.sellers.ids(records, "seller", writer)
        products = self.products.ids(records, "product", writer)
        stages = self._stages(records, writer)
        references = [record.text("reference") for record in records]
        before = dict(Deal.objects.filter(reference__in=references).values_list("reference", "stage_id"))
        rows, entered = [], []
        for record, stage in zip(records, stages, strict=True):
            since = self._since(record, before.get(record.text("reference")), stage)
            entered.append(since)
            links = {
                "customer": customers.get(record.text("customer")),
                "seller": sellers.get(record.text("seller")),
                "product": products.get(record.text("product")),
            }
            row = {"reference": record.text("reference"), "stage_id": stage, "currency": self.context.currency}
            row |= {f"{name}_id": key for name, key in links.items() if name in self.context.headings}
            row |= {column: record.get(name) for name, column in DATED if name in self.context.headings}
            if "title" in self.context.headings:
                row["title"] = record.text("title")
            rows.append(row)
        ids = self._put(rows, entered, writer)
        self._entries(ids, rows, entered, writer)
        self._notes(ids, records, writer)
        return []

    def _since(self, record: Record, was: UUID | None, stage: UUID) -> date | None:
        """When it came into its stage. None: not known, or known already because it has not moved."""
        said: date | None = record.get("entered")
        if said is not None or was == stage:
            return said
        closed: date | None = record.get("closed")
        opened: date | None = record.get("opened") if was is None else self.context.today
        return closed or opened

    def _put(self, rows: Sequence[Mapping[str, Any]], entered: Sequence[date | None], writer: Writer) -> list[UUID]:
        """Two writings: a date that is not known must not take away one that is."""
        known = [{**row, "entered_on": since} for row, since in zip(rows, entered, strict=True) if since is not None]
        other = [row for row, since in zip(rows, entered, strict=True) if since is None]
        keys = iter(writer.put(Deal, ("reference",), known)), iter(writer.put(Deal, ("reference",), other))
        return [next(keys[since is None]) for since in entered]

    def _stages(self, records: Sequence[Record], writer: Writer) -> list[UUID]:
        named = [
            record if record.text("pipeline") else Record(record.row, {"pipeline": PIPELINE}) for record in records
        ]
        homes = self.pipelines.ids(named, "pipeline", writer)
        found = []
        for record, home in zip(records, named, strict=True):
            key = (homes[home.text("pipeline")], folded(record.text("stage")))
            if key not in self.stages:
                row = {"pipeline_id": key[0], "name": record.text("stage"), **_kind(record.text("stage"))}
                (self.stages[key],) = writer.put(Stage, ("pipeline_id", "name"), [row])
            found.append(self.stages[key])
        return found

    def _entries(
        self, ids: Sequence[UUID], rows: Sequence[Mapping[str, Any]], entered: Sequence[date | None], writer: Writer
    ) -> None:
        entries = [
            {"deal_id": key, "stage_id": row["stage_id"], "entered_on": since}
            for key, row, since in zip(ids, rows, entered, strict=True)
            if since is not None
        ]
        writer.put(StageEntry, ("deal_id", "stage_id", "entered_on"), entries)

    def _notes(self, ids: Sequence[UUID], records: Sequence[Record], writer: Writer) -> None:
        notes = [
            {"deal_id": key, "text": record.text("note"), "written_on": self.context.today}
            for key, record in zip(ids, records, strict=True)
            if record.text("note")
        ]
        writer.put(Note, ("deal_id", "text"), notes, along=("written_on",))


def _kind(name: str) -> dict[str, Any]:
    """How a stage that is new ends a deal, and where it stands."""
    said = plain(name)
    if said in WON:
        return {"kind": Stage.Kind.WON, "position": LAST}
    if said in LOST:
        return {"kind": Stage.Kind.LOST, "position": LAST + 1}
    return {"kind": Stage.Kind.OPEN, "position": next((place for word, place in ORDER if word in said), 45)}


class InvoiceSink(_Announcing):
    def __init__(self, context: Context) -> None:
        self.context, self.customers = context, Names.of(Customer)

    def take(self, records: Sequence[Record], writer: Writer) -> list[Wrong]:
        wrong, rows = [], []
        customers = self.customers.ids(records, "customer", writer)
        named = [record.text("deal") for record in records if record.text("deal")]
        deals = dict(Deal.objects.filter(reference__in=named).values_list("reference", "id")) if named else {}
        for record in records:
            fault = self._fault(record, deals)
            if fault is not None:
                wrong.append(fault)
                continue
            row = {
                "number": record.text("number"),
                "customer_id": customers[record.text("customer")],
                "issued_on": record.get("issued"),
                "due_on": record.get("due"),
                "amount": record.get("amount"),
                "currency": self.context.currency,
            }
            more = {
                "settled": ("settled_on", record.get("settled")),
                "disputed": ("disputed", bool(record.get("disputed"))),
                "deal": ("deal_id", deals.get(record.text("deal"))),
            }
            rows.append(row | dict(pair for name, pair in more.items() if name in self.context.headings))
        writer.put(Invoice, ("number",), rows)
        return wrong

    def _fault(self, record: Record, deals: Mapping[str, UUID]) -> Wrong | None:
        headings = self.context.headings
        if record.text("deal") and record.text("deal") not in deals:
            return Wrong(record.row, headings["deal"], f"There is no deal {record.text('deal')}.")
        for later in ("due", "settled"):
            day: date | None = record.get(later)
            if day is not None and day < record.get("issued"):
                return Wrong(record.row, headings[later], "It is before the invoice was issued.")
        return None


def _target(key: str, label: str, about: str, its: Sequence[Field], name: str, sink: Any) -> Target:
    def give(columns: Sequence[Mapping[str, Any]]) -> Sequence[Field]:
        return its

    def begin(context: Context) -> Sink:
        made: Sink = sink(context)
        return made

    return Target(key, label, about, give, (name,), begin, "pipeline")


def register_targets() -> None:
    for target in (
        _target("deals", "Deals", "a row for each deal", fields.DEALS, "reference", DealSink),
        _target("customers", "Customers", "a row for each customer", fields.CUSTOMERS, "name",
                lambda context: NamedSink(Customer)),
        _target("invoices", "Invoices", "issued, due, settled", fields.INVOICES, "number", InvoiceSink),
        _target("products", "Products", "with their prices", fields.PRODUCTS, "name",
                lambda context: NamedSink(Product)),
        _target("sellers", "Sellers", "with managers and regions", fields.SELLERS, "name",
                lambda context: NamedSink(Seller)),
    ):  # fmt: skip
        register(target)
