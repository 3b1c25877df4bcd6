"""Steps that a worker does, and the sweeper for those whose worker died or whose task was lost."""

from datetime import timedelta
from uuid import UUID

import structlog
from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from csuite.imports.models import ImportChange, ImportRun
from csuite.imports.running import work
from csuite.tenants.scope import platform_scope

log = structlog.get_logger(__name__)

LEFT_FOR = timedelta(seconds=20)  # busy for longer than this without a worker: begun again
FORGOTTEN_AFTER = timedelta(days=14)  # an import that nobody finishes
UNDO_FOR = timedelta(days=90)
_OPEN = (ImportRun.Status.MAPPING, ImportRun.Status.CHECKED, ImportRun.Status.FAILED)


@shared_task  # type: ignore[untyped-decorator]
def run_import(tenant_id: str, run_id: str) -> None:
    """One step of one import. Delivered twice, or after a crash, it is done once (running.py)."""
    work(UUID(tenant_id), UUID(run_id))


@shared_task  # type: ignore[untyped-decorator]
def sweep_imports() -> None:
    """Takes up steps that nobody works on; forgets imports that nobody finishes, and how to undo old ones."""
    now = timezone.now()
    with platform_scope("imports"):
        busy = ImportRun.objects.select_for_update(skip_locked=True).filter(
            Q(step_at__lt=now - LEFT_FOR), status__in=ImportRun.BUSY
        )
        left = list(busy.values_list("tenant_id", "id")[:50])
        ImportRun.objects.filter(status__in=_OPEN, step_at__lt=now - FORGOTTEN_AFTER).delete()
        ImportChange.objects.filter(run__step_at__lt=now - UNDO_FOR)._raw_delete("default")
    for tenant, run in left:
        log.warning("import_taken_up", run=str(run))
        run_import.delay(str(tenant), str(run))
