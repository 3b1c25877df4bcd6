"""What this package has to tell those above it."""

from django.dispatch import Signal

# Sent after new points were stored. Arguments: tenant (UUID), metrics (keys), periods (first days of months).
metrics_imported = Signal()
