"""The page of budgets for finance: how they stand, and making, changing and removing them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from csuite.analytics.budgets.changing import change, create, remove
from csuite.analytics.budgets.forms import BudgetForm, RaiseForm, values_of
from csuite.analytics.budgets.raising import add, end
from csuite.analytics.budgets.rows import Budget, BudgetRaise
from csuite.analytics.budgets.settling import USED_UP, WARNED, level_of
from csuite.analytics.budgets.standing import Standing, read
from csuite.analytics.names import people
from csuite.personas.catalogue import all_personas
from csuite.tenants.gate import member_required
from csuite.tenants.middleware import MemberRequest
from csuite.tenants.models import Membership, Role
from csuite.tenants.problems import Problem

THERE_IS_ONE = "There is a budget for the same whom and period already. Change that one."
LOOKS = {WARNED: "warn", USED_UP: "bad"}


@dataclass(frozen=True, slots=True)
class Line:
    """One budget as the page shows it. burnt and held: shares of the limit in percent, together at most 100."""

    standing: Standing
    name: str
    look: str
    burnt: Decimal
    held: Decimal

    @property
    def until(self) -> Decimal:
        return self.burnt + self.held

    @property
    def percent(self) -> int:
        """Of the limit that is spent; may go beyond 100 for a soft one."""
        return int(self.standing.used(self.standing.spent) * 100)


@require_http_methods(["GET", "POST"])
@member_required(Role.FINANCE, Role.ADMIN)
def budgets(request: MemberRequest) -> HttpResponse:
    """The list, and the form for one more; a POST makes it."""
    form = BudgetForm(_sent(request), whom=_whom(request), initial={"at_limit": "hard", "period": "month"})
    if request.method == "POST" and form.is_valid():
        made = form.fill(Budget(tenant_id=request.member.tenant_id, currency=request.member.tenant.currency))
        try:
            with transaction.atomic():
                create(made, request.user)
        except IntegrityError:
            form.add_error("whom", THERE_IS_ONE)
        else:
            messages.success(request, "The budget holds from now on.")
            return redirect("budgets")
    context = {"lines": _lines(request), "form": form, "currency": request.member.tenant.currency}
    return render(request, "analytics/budgets.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@member_required(Role.FINANCE, Role.ADMIN)
def budget(request: MemberRequest, budget: UUID) -> HttpResponse:
    """One budget: its form; a POST changes it."""
    row = _budget(budget)
    before = row.facts()
    form = BudgetForm(_sent(request), whom=[], fixed=True, initial=values_of(row))
    if request.method == "POST" and form.is_valid():
        change(form.fill(row), before, request.user)
        messages.success(request, "The change holds from now on.")
        return redirect("budgets")
    return _page(request, row, form, RaiseForm())


@require_POST
@member_required(Role.FINANCE, Role.ADMIN)
def budget_raise(request: MemberRequest, budget: UUID) -> HttpResponse:
    """More for a while, at once."""
    row = _budget(budget)
    form = RaiseForm(request.POST)
    if row.amount is None:
        form.add_error(None, "A budget without a limit needs no raise.")
    if not form.is_valid():
        return _page(request, row, BudgetForm(None, whom=[], fixed=True, initial=values_of(row)), form)
    add(row, form.cleaned_data["amount"], form.ends, form.cleaned_data["reason"], request.user)
    messages.success(request, "The raise holds from now on, and ends by itself.")
    return redirect("budgets")


@require_POST
@member_required(Role.FINANCE, Role.ADMIN)
def budget_raise_end(request: MemberRequest, raised: UUID) -> HttpResponse:
    row: BudgetRaise | None = BudgetRaise.objects.filter(id=raised).first()
    if row is None:
        raise Problem("not_found", "There is no such raise.")
    if end(row, request.user):
        messages.success(request, "The raise has ended.")
    return redirect("budgets")


def _page(request: MemberRequest, row: Budget, form: BudgetForm, more: RaiseForm) -> HttpResponse:
    line = next(line for line in _lines(request) if line.standing.budget == row.id)
    context = {
        "line": line,
        "form": form,
        "more": more,
        "raises": row.raises.select_related("user", "ended_by")[:20],
        "now": timezone.now(),
        "currency": row.currency,
    }
    wrong = form.errors or more.errors
    return render(request, "analytics/budget.html", context, status=400 if wrong else 200)


@require_POST
@member_required(Role.FINANCE, Role.ADMIN)
def budget_remove(request: MemberRequest, budget: UUID) -> HttpResponse:
    remove(_budget(budget), request.user)
    messages.success(request, "The budget is removed.")
    return redirect("budgets")


def _sent(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _budget(key: UUID) -> Budget:
    row: Budget | None = Budget.objects.select_for_update().filter(id=key).first()
    if row is None:
        raise Problem("not_found", "There is no such budget.")
    return row


def _whom(request: MemberRequest) -> list[tuple[str, str]]:
    """Everybody who may get a budget."""
    officers = [(f"persona:{persona.key}", f"{persona.name} (persona)") for persona in all_personas()]
    rows = Membership.objects.filter(tenant_id=request.member.tenant_id, is_active=True).select_related("user")
    members = [(f"user:{row.user_id}", row.user.display_name) for row in rows]
    return [("tenant", "The whole company"), *officers, *sorted(members, key=lambda pair: pair[1].lower())]


def _lines(request: MemberRequest) -> list[Line]:
    standings = read(request.member.tenant_id, None)
    names = people(standing.user for standing in standings)
    officers = {persona.key: persona.name for persona in all_personas()}
    lines = [_line(standing, names, officers) for standing in standings]
    order = {"tenant": 0, "persona": 1, "user": 2}
    return sorted(lines, key=lambda line: (order[line.standing.scope], line.name.lower(), line.standing.period))


def _line(standing: Standing, names: Any, officers: dict[str, str]) -> Line:
    name = {
        "tenant": "The whole company",
        "persona": officers.get(standing.persona, standing.persona),
    }.get(standing.scope) or names[standing.user]
    burnt = min(standing.used(standing.spent) * 100, Decimal(100))
    held = min(standing.used(standing.held) * 100, 100 - burnt) if standing.amount else Decimal(0)
    look = LOOKS.get(level_of(standing, standing.spent), "")
    return Line(standing, name, look, burnt.quantize(Decimal("0.01")), held.quantize(Decimal("0.01")))
