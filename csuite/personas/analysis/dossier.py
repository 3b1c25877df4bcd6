"""All that is known of one deal, as values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from csuite.personas.quoting import quoted
from csuite.profiles import formatting

SOURCE_CAP = 1500  # characters of one source that a model is shown
SHOWN_CAP = 24_000  # characters of all, the newest first: what one analysis may cost (DEAL_ANALYSIS_TARGET)


@dataclass(frozen=True, slots=True)
class Source:
    """Something that was written about the deal. `kind`: note, or what later gives sources (documents)."""

    number: int
    kind: str
    text: str
    written_on: date | None = None
    author: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    number: str
    amount: Decimal
    currency: str
    due_on: date
    settled_on: date | None = None
    disputed: bool = False
    promised_on: date | None = None

    def is_late(self, today: date) -> bool:
        return self.settled_on is None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Dossier:
    """`usual_days`: how long a deal stays in this stage, as far as it is known. Sources with the newest first."""

    id: str
    title: str
    stage: str
    today: date
    is_open: bool = True
    customer: str = ""
    owner: str = ""
    value: Decimal | None = None
    currency: str = "USD"
    entered_on: date | None = None
    usual_days: int | None = None
    bills: tuple[Bill, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def days(self) -> int | None:
        return None if self.entered_on is None else (self.today - self.entered_on).days

    @property
    def last_written(self) -> date | None:
        return max((source.written_on for source in self.sources if source.written_on), default=None)

    def money(self, amount: Decimal) -> str:
        return formatting.exactly(amount, self.currency)


def as_data(dossier: Dossier) -> str:
    """The records and the numbered sources that are shown, one a line."""
    return "\n".join([*records(dossier), *(_line(source) for source in shown(dossier))])


def records(dossier: Dossier) -> Iterator[str]:
    named = {
        "Deal": dossier.title,
        "Customer": dossier.customer,
        "Stage": dossier.stage,
        "Owner": dossier.owner,
        "Value": "" if dossier.value is None else dossier.money(dossier.value),
        "In this stage since": dossier.entered_on.isoformat() if dossier.entered_on else "",
        "Days in this stage": "" if dossier.days is None else str(dossier.days),
        "Usual days in this stage": "" if dossier.usual_days is None else str(dossier.usual_days),
    }
    yield from (f"{name}: {quoted(value)}" for name, value in named.items() if value)
    for bill in dossier.bills:
        paid = f"paid {bill.settled_on.isoformat()}" if bill.settled_on else "not paid"
        disputed = ", disputed" if bill.disputed else ""
        amount = formatting.exactly(bill.amount, bill.currency)
        yield f"Invoice {quoted(bill.number)}: {amount}, due {bill.due_on.isoformat()}, {paid}{disputed}"


def shown(dossier: Dossier) -> list[Source]:
    """The newest sources, as many as a model may be shown."""
    found: list[Source] = []
    left = SHOWN_CAP
    for source in dossier.sources:
        left -= min(len(source.text), SOURCE_CAP)
        if left < 0:
            break
        found.append(source)
    return found


def _line(source: Source) -> str:
    when = f" of {source.written_on.isoformat()}" if source.written_on else ""
    who = f" by {quoted(source.author)}" if source.author else ""
    return f"Source {source.number} ({source.kind}{when}{who}): {quoted(source.text, SOURCE_CAP)}"
