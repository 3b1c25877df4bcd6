"""Northwind's pipeline: what stands in it today, the invoices that are late, and how those customers paid before."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from csuite.deals.models import Customer, Deal, Invoice, Note, Pipeline, Seller, Stage, StageEntry
from csuite.server.demo.calendar import Calendar
from csuite.server.demo.company import DemoCompany
from csuite.server.demo.northwind import NORTHWIND, PRIYA
from csuite.server.demo.northwind_story import LATE_INVOICES
from csuite.tenants.models import TenantOwned, User

# stage, usual days, deals, their sum
STAGES = (
    ("Qualified", None, 19, 1_480_000), ("Quoted", None, 22, 1_815_000), ("Order received", 10, 8, 742_000),
    ("Under progress", 22, 9, 905_000), ("Production", 45, 5, 506_000), ("Awaiting receipt", 5, 3, 220_000),
    ("Invoiced", 37, 7, 672_000),
)  # fmt: skip
SELLERS = (("P. Nair", "North"), ("S. Lindt", "Central"), ("M. Abreu", "South"))
CUSTOMERS = (
    "Ardmore Gas", "Baxter Glass", "Calder Brewing", "Delmar Foods", "Gallus Textile", "Hanley Ceramics",
    "Iberia Cement", "Kettering Dairies", "Kvarner Heat", "Lindqvist Hydro", "Norrbotten Pulp", "Ostrava Steel",
    "Pellworm Marine", "Petrossa Refining", "Rhone Polymers", "Sable Mining", "Tamar Water", "Torsk Offshore",
    "Vale Chemicals", "Wexford Pumps",
)  # fmt: skip
SUBJECTS = ("flow meters", "pressure sensors", "calibration contract", "level gauges", "spares", "line upgrade")
HABITS = (9, 0, 14, 20, 0, 6)  # days after the due date that each of LATE_INVOICES' customers usually pays
OWNERS = (0, 0, 1, 1, 2, 2)
TERMS = 30  # days
SLOW_EVERY, SLOW_FIRST = 7, 2  # which deals have stood in their stage for more than sixty days
SPREAD = (-2, -1, 0, 1, 2)  # how far each of the invoices paid before was from the habit


def pipeline(company: DemoCompany, people: dict[str, User], calendar: Calendar) -> None:
    """Loads them; only Northwind has a pipeline."""
    if company is not NORTHWIND:
        return
    home = Pipeline.objects.create(name="Sales")
    stages = [
        Stage.objects.create(pipeline=home, name=name, days=days, position=place)
        for place, (name, days, _, _) in enumerate(STAGES)
    ]
    for place, (name, kind) in enumerate((("Paid", "won"), ("Lost", "lost")), len(stages)):
        Stage.objects.create(pipeline=home, name=name, kind=kind, position=place)
    sellers = [
        Seller.objects.create(name=name, region=region, user=people.get(PRIYA.email) if not place else None)
        for place, (name, region) in enumerate(SELLERS)
    ]
    customers = [Customer.objects.create(name=name, sector="Manufacturing") for name in CUSTOMERS]
    deals = list(_deals(stages[:-1], sellers, customers, calendar.today))
    _create(deals)
    _create([StageEntry(deal=deal, stage=deal.stage, entered_on=deal.entered_on or calendar.today) for deal in deals])
    _invoiced(stages[-1], sellers, customers[0], calendar)


def _deals(
    stages: Sequence[Stage], sellers: Sequence[Seller], customers: Sequence[Customer], today: date
) -> Iterator[Deal]:
    number = 0
    for stage, (_, _, count, total) in zip(stages, STAGES, strict=False):
        for value in shares(total, count):
            slow = number % SLOW_EVERY == SLOW_FIRST
            entered = today - timedelta(days=62 + number % 20 if slow else 1 + number * 11 % 45)
            yield Deal(
                reference=f"NW-D-{1001 + number}",
                title=f"{customers[number % len(customers)]}, {SUBJECTS[number % len(SUBJECTS)]}",
                stage=stage,
                customer=customers[number % len(customers)],
                seller=sellers[number % len(sellers)],
                value=value,
                opened_on=entered - timedelta(days=5 + number * 13 % 60),
                entered_on=entered,
            )
            number += 1


def shares(total: int, count: int) -> list[Decimal]:
    """Uneven parts of the whole, in hundreds; their sum is exactly the total."""
    weights = [3 + place * 7 % 5 for place in range(count)]
    parts = [total * weight // sum(weights) // 100 * 100 for weight in weights]
    parts[0] += total - sum(parts)
    return [Decimal(part) for part in parts]


def _invoiced(stage: Stage, sellers: Sequence[Seller], other: Customer, calendar: Calendar) -> None:
    """Six deals whose invoices are late, and one whose is not."""
    open_sum = Decimal(STAGES[-1][3])
    for place, (name, number, amount, (day, back), _) in enumerate(LATE_INVOICES):
        customer = Customer.objects.create(name=name, sector="Manufacturing")
        due = min(calendar.back(back).replace(day=day), calendar.today - timedelta(days=1 + len(LATE_INVOICES) - place))
        invoice = _invoice(stage, sellers[OWNERS[place]], customer, number, Decimal(amount), due)
        _contact(invoice, place, calendar)
        _history(customer, HABITS[place], place, due)
        open_sum -= amount
    _invoice(stage, sellers[0], other, "NW-20468", open_sum, calendar.today + timedelta(days=12))


def _invoice(stage: Stage, seller: Seller, customer: Customer, number: str, amount: Decimal, due: date) -> Invoice:
    issued = due - timedelta(days=TERMS)
    deal = Deal.objects.create(
        reference=f"NW-D-{number[3:]}", title=f"{customer}, order {number[3:]}", stage=stage, customer=customer,
        seller=seller, value=amount, opened_on=issued - timedelta(days=80), entered_on=issued,
    )  # fmt: skip
    StageEntry.objects.create(deal=deal, stage=stage, entered_on=issued)
    made: Invoice = Invoice.objects.create(
        number=number, customer=customer, deal=deal, issued_on=issued, due_on=due, amount=amount
    )
    return made


def _contact(invoice: Invoice, place: int, calendar: Calendar) -> None:
    """What was said about the late ones, in their order."""
    if place == 0:
        invoice.disputed = True
        Note.objects.create(invoice=invoice, written_on=calendar.day(6), text="Disputes the freight line")
    elif place == 1:
        Note.objects.create(invoice=invoice, written_on=calendar.day(4), text="Reminder sent")
    elif place == 4:
        invoice.promised_on = calendar.today + timedelta(days=4)
    invoice.save()


def _history(customer: Customer, habit: int, place: int, due: date) -> None:
    rows = []
    for turn, spread in enumerate(SPREAD):
        was_due = due - timedelta(days=45 * (turn + 1))
        row = Invoice(number=f"NW-{19100 + place * 10 + turn}", customer=customer, due_on=was_due)
        row.issued_on, row.settled_on = was_due - timedelta(days=TERMS), was_due + timedelta(days=habit + spread)
        row.amount = Decimal(18_000 + 4_100 * turn + 2_300 * place)
        rows.append(row)
    _create(rows)


def _create(rows: Sequence[TenantOwned]) -> None:
    for row in rows:
        row.claim()
    type(rows[0]).objects.bulk_create(rows)
