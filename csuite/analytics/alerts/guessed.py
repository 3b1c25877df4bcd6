"""Somebody tries ids that are not hers: platform staff hear of it (csuite/tenants/guessing.py)."""

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from csuite.analytics.alerts.looking import tell_staff
from csuite.tenants.guessing import ids_guessed
from csuite.tenants.models import Tenant, User


@receiver(ids_guessed)
def tell(user: User | None, tenant: UUID | None, address: str, **kwargs: Any) -> None:
    """The alert is queued; beat sends it."""
    company = Tenant.objects.get(pk=tenant).name if tenant else ""
    who = user.email if user else f"Somebody at {address}"
    tell_staff("ids_guessed", {"label": who, "reason": company or "no company", "address": address})
