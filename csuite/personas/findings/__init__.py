"""Insights as rows: the detectors over a tenant's figures and deals, what they find kept, and when they look again."""
