"""What this package has to tell those above it."""

from django.dispatch import Signal

# Sent after points were stored, corrected or taken back. Arguments: tenant (UUID), metrics (keys), periods (first days
# of months). Both are empty after an undo: any of them may have changed.
metrics_imported = Signal()
