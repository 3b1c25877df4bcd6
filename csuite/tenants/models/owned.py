"""What every tenant's row has in common: the second of the three nets."""

import uuid
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from csuite.tenants.scope import ScopeError, current_scope

M = TypeVar("M", bound=models.Model)


class TenantManager(models.Manager[M]):
    """Refuses any query outside a scope; inside a tenant's, sees its rows only."""

    def get_queryset(self) -> models.QuerySet[M]:
        scope = current_scope()
        if scope is None:
            raise ScopeError(f"{self.model.__name__} was queried outside a tenant scope")
        rows = super().get_queryset()
        return rows if scope.tenant is None else rows.filter(tenant_id=scope.tenant)


class TenantOwned(models.Model):
    """A row of one tenant. The tenant comes from the scope; saving a foreign one raises ScopeError."""

    append_only = False  # True takes UPDATE and DELETE from the web role (rls.py)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")

    objects: TenantManager[Any] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.claim()
        super().save(*args, **kwargs)

    def claim(self) -> None:
        """Takes the scope's tenant. Call it before bulk_create, which does not save()."""
        scope = current_scope()
        if scope is None:
            raise ScopeError(f"{type(self).__name__} was saved outside a tenant scope")
        unset: UUID | None = self.tenant_id  # typed as never empty, but it is until here
        if unset is None and scope.tenant is not None:
            self.tenant_id = scope.tenant
        if scope.tenant is not None and self.tenant_id != scope.tenant:
            raise ScopeError(f"{type(self).__name__} belongs to another tenant")


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference between two tenant tables.

    Row-level security does not look at references, so the constraint is composite, (tenant_id, this) to
    (tenant_id, id); post_migrate adds it (rls.py) and Django's single-column one is left out.
    """

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)
