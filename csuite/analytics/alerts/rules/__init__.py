"""The rules, one a file. A new one is a file and a line here."""

from csuite.analytics.alerts.finding import Rule
from csuite.analytics.alerts.rules.budgets import BudgetShare
from csuite.analytics.alerts.rules.error_rate import ErrorRate
from csuite.analytics.alerts.rules.hourly_spend import HourlySpend
from csuite.analytics.alerts.rules.latency import Latency
from csuite.analytics.alerts.rules.unpriced import Unpriced

RULES: tuple[Rule, ...] = (BudgetShare(), HourlySpend(), ErrorRate(), Latency(), Unpriced())
