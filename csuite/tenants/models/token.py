"""Bearer tokens for programs, bound to one membership."""

import uuid

from django.db import models

from csuite.tenants.models.tenant import Membership


class ApiToken(models.Model):
    """Only a hash is kept; the token is shown once. Read before a tenant is known, so it is a global table."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    digest = models.BinaryField(max_length=32, unique=True)
    last_four = models.CharField(max_length=4)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "API token"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} …{self.last_four}"
