"""Forms of a metric: what it is, and one value of one month."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from csuite.imports.reading import dates, numbers
from csuite.imports.reading.dates import Order
from csuite.imports.reading.numbers import Style
from csuite.profiles.importing import key_of
from csuite.profiles.models import Metric
from csuite.profiles.values import LARGEST

FIELDS = ("name", "unit", "good", "aggregation", "cadence", "target", "is_key")
LABELS = {"name": "Name", "unit": "Measured in", "good": "What is good", "aggregation": "Over several months",
          "cadence": "A new value comes", "target": "Target of a month", "is_key": "Show on Home"}  # fmt: skip


class MetricForm(forms.ModelForm):  # type: ignore[type-arg]
    """`owners`: (id, name) of the company's members."""

    owner = forms.ChoiceField(label="Owner", required=False)

    class Meta:
        model = Metric
        fields = FIELDS
        labels = LABELS

    def __init__(self, *args: Any, owners: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", "Nobody"), *owners]  # type: ignore[attr-defined]
        self.fields["is_key"].help_text = ""
        self.initial["owner"] = str(self.instance.owner_id or "")
        if self.instance.target is not None:
            self.initial["target"] = self.instance.target.normalize() + 0

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not key_of(name):
            raise forms.ValidationError("The name needs a letter from a to z.")
        if self.instance._state.adding and Metric.objects.filter(key=key_of(name)).exists():
            raise forms.ValidationError("There is a metric with this name already.")
        return name

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        weighted = found.get("aggregation") == Metric.Aggregation.WEIGHTED
        if weighted and self.instance.weight_id is None:
            self.add_error("aggregation", "It needs a metric to weight it by, which only an import or the demo sets.")
        return found

    def fill(self) -> Metric:
        """The metric as the form says, not saved. Call it on a valid form."""
        made: Metric = self.save(commit=False)
        made.key = made.key or key_of(made.name)
        made.owner_id = UUID(self.cleaned_data["owner"]) if self.cleaned_data["owner"] else None
        return made


class ValueForm(forms.Form):
    """A month and its value, written as people write them."""

    month = forms.CharField(label="Month", max_length=40, help_text="2026-10 or Oct 2026.")
    value = forms.CharField(label="Value", max_length=40)
    note = forms.CharField(label="Note", max_length=240, required=False)

    def clean_month(self) -> date:
        found = dates.readings(self.cleaned_data["month"])
        if len(found) < len(Order):
            raise forms.ValidationError("Write the month as 2026-10 or Oct 2026.")
        return found[Order.YEAR].replace(day=1)

    def clean_value(self) -> Decimal:
        found = numbers.readings(self.cleaned_data["value"]).get(Style.POINT)
        if found is None or abs(found.value) >= LARGEST:
            raise forms.ValidationError("Write a number, as 1,234.5.")
        return found.value
