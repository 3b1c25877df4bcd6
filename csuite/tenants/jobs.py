"""The base of jobs that belong to one tenant."""

from typing import Any
from uuid import UUID

import structlog
from celery import Task

from csuite.tenants.access import living_membership
from csuite.tenants.models import Tenant
from csuite.tenants.scope import tenant_scope

log = structlog.get_logger(__name__)


class TenantTask(Task):
    """`@shared_task(base=TenantTask)`; call it with `tenant_id` (a text). It runs in that tenant's scope, one
    transaction, so it must not wait for a model. A job of a company that was suspended meanwhile is dropped, and
    with `user_id` (a text) one of a person who no longer belongs to it.
    """

    abstract = True

    def __call__(self, *args: Any, tenant_id: str, user_id: str = "", **kwargs: Any) -> Any:
        holds = Tenant.objects.filter(id=tenant_id, is_active=True).exists()
        if not holds or (user_id and living_membership(user_id, UUID(tenant_id)) is None):
            log.warning("job_dropped", task=self.name, tenant=tenant_id)
            return None
        with tenant_scope(UUID(tenant_id)):
            return self.run(*args, **kwargs)  # type: ignore[no-untyped-call]
