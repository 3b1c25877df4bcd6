"""The stream log: frames of running turns, stored before anybody sees them, dropped when the turn closes."""

from django.db import models

from csuite.tenants.models import TenantOwned


class Frame(TenantOwned):
    """Written in batches by streamlog.py. No foreign key is checked per token; the closing transaction deletes."""

    id = None  # type: ignore[assignment]  # takes the inherited field away
    pk = models.CompositePrimaryKey("turn_id", "seq")
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    turn_id = models.UUIDField()
    seq = models.IntegerField()
    payload = models.TextField()

    class Meta(TenantOwned.Meta):
        db_table = "conversations_frame"

    def __str__(self) -> str:
        return f"{self.turn_id} {self.seq}"
