"""Writes what people send and sums up what they noted: e-mails, reminders, summaries and checks of deals.

Typed contexts in, typed results out. Each result says how sure it is; when no model can write it, a minimal one is
made from the facts by rules, with a confidence of 0.0 and a warning in words.
"""
