"""Forms of deals and invoices. Amounts and days as people write them; which way it was meant is never guessed."""

import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from csuite.deals.changing import Bill, Refused, Terms
from csuite.deals.models import Deal, Invoice, Pipeline, Stage
from csuite.imports.reading import dates, numbers
from csuite.imports.reading.numbers import Style

LARGEST = Decimal(10) ** 15
LONGEST_NOTE = 10_000
_PARTS = re.compile(r"\d+|[A-Za-z]+")
_THOUSANDS = re.compile(r"^\D*\d{1,3}\.\d{3}\D*$")  # 12.500 is twelve thousand to some


class DayField(forms.CharField):
    """A date. One that could be two is refused."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if not text:
            return None
        found = set(dates.readings(text).values())
        if len(found) != 1 or len(_PARTS.findall(text)) < 3:  # a month alone is no day
            raise forms.ValidationError("Write the day as 2026-10-31.")
        (day,) = found
        if not 1990 <= day.year <= 2100:
            raise forms.ValidationError("This year cannot be right.")
        return day


class AmountField(forms.CharField):
    """Money, `1,234.50`; a currency that is written must be `currency`."""

    currency = ""

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        ways = numbers.readings(text)
        found = ways.get(Style.POINT) or ways.get(Style.COMMA)
        if found is None or found.percent:
            raise forms.ValidationError("Write an amount, as 12,500 or 12500.50.")
        if _THOUSANDS.search(text):
            raise forms.ValidationError("This can be read in two ways: write it as 12,500 or 12500.50.")
        if not found.fits(self.currency):
            raise forms.ValidationError(f"Amounts here are in {self.currency}.")
        if abs(found.value) >= LARGEST or found.value != round(found.value, 2):
            raise forms.ValidationError("At most two decimals, and not that large.")
        return found.value


class CompanyForm(forms.Form):
    """What its amounts are in, and the version of the row that its writer has seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    ids = ""  # begins the ids of its fields: several of these forms stand on one page

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{self.ids}_%s", **kwargs})
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.currency, field.label = currency, f"{field.label} ({currency})"

    def refuse(self, refused: Refused) -> None:
        self.add_error(refused.field if refused.field in self.fields else None, str(refused))


class DealForm(CompanyForm):
    ids = "deal"

    title = forms.CharField(label="Title", max_length=200, required=False)
    customer = forms.CharField(label="Customer", max_length=160, required=False)
    seller = forms.CharField(label="Owner", max_length=160, required=False, help_text="Who looks after it.")
    value = AmountField(label="Value", max_length=60, required=False)
    opened_on = DayField(label="Opened on", max_length=40, required=False)
    expected_on = DayField(label="Expected to be won on", max_length=40, required=False)

    @classmethod
    def of(cls, deal: Deal, currency: str) -> "DealForm":
        """As it stands."""
        initial = {name: getattr(deal, name) for name in ("title", "opened_on", "expected_on", "version")}
        initial |= {"customer": str(deal.customer or ""), "seller": str(deal.seller or ""), "value": _said(deal.value)}
        return cls(initial=initial, currency=currency)

    def clean_value(self) -> Decimal | None:
        value: Decimal | None = self.cleaned_data["value"]
        if value is not None and value < 0:
            raise forms.ValidationError("A deal is not worth less than nothing.")
        return value

    def terms(self) -> Terms:
        """Call it on a valid form."""
        said = self.cleaned_data
        return Terms(
            said["title"], said["customer"], said["seller"], said["value"], said["opened_on"], said["expected_on"]
        )


class StageForm(CompanyForm):
    """`stages`: those of the deal's pipeline, or of all when it is new. Its ends are there even if they are not yet."""

    ids = "move"

    stage = forms.ChoiceField(label="Stage")
    since = DayField(label="Since", max_length=40)

    def __init__(self, *args: Any, stages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = stages  # type: ignore[attr-defined]


class NewDealForm(DealForm, StageForm):
    reference = forms.CharField(
        label="Reference", max_length=40, required=False, help_text="How other programs name it. Empty: one is made."
    )
    field_order = ("title", "customer", "seller", "value", "stage", "since", "opened_on", "expected_on", "reference")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not found.get("title") and not found.get("customer"):
            self.add_error("title", "Give it a title or a customer.")
        return found


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note", max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    )


class InvoiceForm(CompanyForm):
    ids = "bill"

    number = forms.CharField(label="Invoice", max_length=40)
    customer = forms.CharField(label="Customer", max_length=160)
    amount = AmountField(label="Amount", max_length=60)
    issued_on = DayField(label="Issued on", max_length=40)
    due_on = DayField(label="Due on", max_length=40)
    settled_on = DayField(label="Paid on", max_length=40, required=False, help_text="Empty: it is open.")
    promised_on = DayField(label="Promised for", max_length=40, required=False)
    disputed = forms.BooleanField(label="The customer disputes it", required=False)

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceForm":
        names = ("number", "issued_on", "due_on", "settled_on", "promised_on", "disputed", "version")
        initial = {name: getattr(invoice, name) for name in names}
        initial |= {"customer": str(invoice.customer), "amount": _said(invoice.amount)}
        return cls(initial=initial, currency=invoice.currency)

    def bill(self) -> Bill:
        """Call it on a valid form."""
        said = self.cleaned_data
        return Bill(
            said["number"], said["customer"], said["issued_on"], said["due_on"], said["amount"], said["settled_on"],
            said["promised_on"], said["disputed"],
        )  # fmt: skip


def _said(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:,.2f}".removesuffix(".00")


def stage_choices(pipeline: Pipeline | None = None) -> list[tuple[str, str]]:
    """Of one pipeline, with its ends; without one, the open stages of all."""
    rows = Stage.objects.select_related("pipeline").order_by("pipeline__position", "pipeline__name", "position", "name")
    if pipeline is None:
        found = [row for row in rows if row.kind == Stage.Kind.OPEN]
        several = len({row.pipeline_id for row in found}) > 1
        return [(str(row.pk), f"{row.pipeline}: {row}" if several else str(row)) for row in found]
    stages = [row for row in rows if row.pipeline_id == pipeline.pk]
    missing = [kind for kind in (Stage.Kind.WON, Stage.Kind.LOST) if kind not in {row.kind for row in stages}]
    return [(str(row.pk), str(row)) for row in stages] + [(kind.value, kind.label) for kind in missing]


def stage_of(choice: str) -> Stage | Stage.Kind:
    """What a choice of `stage_choices` means."""
    if choice in (Stage.Kind.WON, Stage.Kind.LOST):
        return Stage.Kind(choice)
    found: Stage = Stage.objects.select_related("pipeline").get(pk=UUID(choice))
    return found
