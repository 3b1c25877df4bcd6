"""Budgets: what may be spent in a period, what is held for calls that run, and what was spent."""
