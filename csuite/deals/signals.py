"""What this package has to tell those above it."""

from django.dispatch import Signal

# Sent after deals, customers or invoices were stored or taken back. Argument: tenant (UUID).
changed = Signal()
