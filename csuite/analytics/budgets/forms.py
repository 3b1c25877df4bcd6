"""The form of a budget, as finance fills it in."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from csuite.analytics.budgets.rows import Budget
from csuite.analytics.budgets.standing import as_uuid

AMOUNT = "Write an amount, 0 for none, or choose no limit."
STEPS = (("", "Nothing"), ("standard", "The standard models answer"), ("bulk", "The smallest models answer"),
         ("analyst", "The built-in analyst answers, at no cost"))  # fmt: skip
LONGEST_RAISE = timedelta(days=366)
HARDNESS = (("hard", "Stop: questions are refused"), ("soft", "Only tell of it"))


class BudgetForm(forms.Form):
    """`whom` is "tenant", "persona:<key>" or "user:<id>"; it and the period are fixed once a budget is made."""

    whom = forms.ChoiceField(label="Whose budget")
    period = forms.ChoiceField(label="For", choices=Budget.Period.choices)
    amount = forms.DecimalField(
        label="Amount", required=False, min_value=Decimal(0), max_digits=14, decimal_places=4,
        help_text="0 means none.", error_messages={"invalid": AMOUNT},
    )  # fmt: skip
    unlimited = forms.BooleanField(label="No limit, only count", required=False)
    at_limit = forms.ChoiceField(label="When it is used up", choices=HARDNESS)
    warn_at = forms.IntegerField(label="Warn at, in percent", required=False, min_value=1, max_value=100, initial=80)
    step_down_at = forms.IntegerField(label="Save from, in percent", required=False, min_value=1, max_value=100)
    step_down_to = forms.ChoiceField(label="Then", choices=STEPS, required=False)

    def __init__(self, *args: Any, whom: list[tuple[str, str]], fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["whom"].choices = whom  # type: ignore[attr-defined]
        if fixed:
            for name in ("whom", "period"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("amount") is None and not found.get("unlimited") and "amount" not in self.errors:
            self.add_error("amount", AMOUNT)
        if bool(found.get("step_down_to")) != (found.get("step_down_at") is not None):
            self.add_error("step_down_at", "Say both: from which share, and who answers then.")
        return found

    def fill(self, budget: Budget) -> Budget:
        """The budget as the form says. Call it on a valid form."""
        said = self.cleaned_data
        if "whom" in said:
            budget.scope, _, who = said["whom"].partition(":")
            budget.persona = who if budget.scope == Budget.Scope.PERSONA else ""
            budget.user = as_uuid(who) if budget.scope == Budget.Scope.USER else None
            budget.period = said["period"]
        budget.amount = None if said["unlimited"] else said["amount"]
        budget.hard = said["at_limit"] == "hard"
        budget.warn_at = _share(said["warn_at"])
        budget.step_down_at, budget.step_down_to = _share(said["step_down_at"]), said["step_down_to"]
        return budget


class RaiseForm(forms.Form):
    """More for a while: how much, up to which day (in UTC, included), and why."""

    amount = forms.DecimalField(
        label="More by", min_value=Decimal("0.01"), max_digits=14, decimal_places=4,
        error_messages={"invalid": "Write an amount.", "required": "Write an amount."},
    )  # fmt: skip
    until = forms.DateField(
        label="Up to and including", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The day ends at midnight UTC.", error_messages={"required": "Say until when."},
    )  # fmt: skip
    reason = forms.CharField(
        label="Reason", max_length=300, help_text="It stands in the audit log.",
        error_messages={"required": "Say why: whoever looks at the bill will ask."},
    )  # fmt: skip

    def clean_until(self) -> date:
        day: date = self.cleaned_data["until"]
        today = timezone.now().date()
        if not today <= day <= today + LONGEST_RAISE:
            raise forms.ValidationError("Choose a day from today on, within a year. For longer, change the amount.")
        return day

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.cleaned_data["until"] + timedelta(days=1), time(), UTC)


def _share(percent: int | None) -> Decimal | None:
    return None if percent is None else Decimal(percent) / 100


def values_of(budget: Budget) -> dict[str, Any]:
    """The budget as the form shows it."""
    return {
        "amount": None if budget.amount is None else budget.amount.normalize() + 0,
        "unlimited": budget.amount is None,
        "at_limit": "hard" if budget.hard else "soft",
        "warn_at": _percent(budget.warn_at),
        "step_down_at": _percent(budget.step_down_at),
        "step_down_to": budget.step_down_to,
    }


def _percent(share: Decimal | None) -> int | None:
    return None if share is None else int(share * 100)
