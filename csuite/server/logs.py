"""Logging: one line per event on standard error, for people on a terminal and as JSON for machines."""
