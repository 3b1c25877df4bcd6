"""Budgets of all companies, for the platform to look at; finance changes them on its own page."""

from django.contrib import admin

from csuite.analytics.models import Budget
from csuite.tenants.admin import ReadOnly


@admin.register(Budget)
class BudgetAdmin(ReadOnly):
    list_display = ("tenant", "scope", "persona", "user", "period", "amount", "currency", "hard", "changed_at")
    list_filter = ("scope", "period", "hard")
