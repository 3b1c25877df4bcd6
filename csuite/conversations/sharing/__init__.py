"""Snapshots that colleagues may read, until they end or are revoked."""
