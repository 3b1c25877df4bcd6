"""Exports that a worker writes. One whose worker died is taken up again; a file goes after a day."""

import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from csuite.conversations.exports.files import FORMATS, name_of, written
from csuite.conversations.models import Conversation, Export
from csuite.tenants.access import living_membership
from csuite.tenants.models import Membership
from csuite.tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(hours=24)
LEFT_FOR = timedelta(seconds=90)  # without progress: its worker is gone
MOST_ATTEMPTS = 3
STEP = 25  # conversations between two looks at the progress
ALL = "zip"


def conversations_of(member: Membership) -> "QuerySet[Conversation]":
    """Everything of hers that is not deleted, oldest first; temporary ones are nobody's to keep."""
    rows: QuerySet[Conversation] = Conversation.objects.filter(
        tenant_id=member.tenant_id, user_id=member.user_id, deleted_at=None, temporary=False
    )
    return rows.order_by("created_at")


def work(tenant: UUID, export_id: UUID) -> None:
    """Writes it, once, outside any scope. A failure is tried again by the sweeper, up to three times."""
    with tenant_scope(tenant):
        export = Export.objects.select_for_update(skip_locked=True, of=("self",)).filter(id=export_id).first()
        member = living_membership(str(export.user_id), tenant) if export else None
        if export is None or export.status not in Export.OPEN or not _fresh(export):
            return
        if member is None or export.attempts >= MOST_ATTEMPTS:
            _keep(export, status=Export.Status.FAILED)
            return
        _keep(export, status=Export.Status.WORKING, attempts=export.attempts + 1)
    try:
        data, name = _one(export, member) if export.conversation_id else _all(export, member)
    except Exception:
        log.exception("export_failed", export=str(export_id))
        return
    with tenant_scope(tenant):
        done = {"status": Export.Status.DONE, "data": data, "name": name, "expires_at": timezone.now() + KEPT_FOR}
        Export.objects.filter(id=export_id, status__in=Export.OPEN).update(**done)


def _fresh(export: Export) -> bool:
    """Nobody is at it: it waits, or its worker has been silent for long."""
    return export.status == Export.Status.WAITING or export.step_at < timezone.now() - LEFT_FOR


def _keep(export: Export, **values: Any) -> None:
    for name, value in {**values, "step_at": timezone.now()}.items():
        setattr(export, name, value)
    export.save(update_fields=[*values, "step_at"])


def _one(export: Export, member: Membership) -> tuple[bytes, str]:
    with tenant_scope(member.tenant_id):
        talk = conversations_of(member).get(id=str(export.conversation_id))
        return written(member, talk, FORMATS[export.format]), name_of(str(talk), export.format)


def _all(export: Export, member: Membership) -> tuple[bytes, str]:
    """Markdown to read and JSON with all branches, a pair for each conversation. Scopes are short."""
    with tenant_scope(member.tenant_id):
        ids = list(conversations_of(member).values_list("id", flat=True))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for at in range(0, len(ids), STEP):
            with tenant_scope(member.tenant_id):
                for number, talk in enumerate(conversations_of(member).filter(id__in=ids[at : at + STEP]), at + 1):
                    for key in ("md", "json"):
                        file.writestr(f"{number:05d} {name_of(str(talk), key)}", written(member, talk, FORMATS[key]))
                done = {"done": min(at + STEP, len(ids)), "total": len(ids), "step_at": timezone.now()}
                Export.objects.filter(id=export.id).update(**done)
    return buffer.getvalue(), f"conversations {timezone.localdate()}.zip"


def left_over() -> list[tuple[UUID, UUID]]:
    """Forgets files that expired; answers (tenant, export) of those that nobody works on."""
    now = timezone.now()
    with platform_scope("exports"):
        Export.objects.filter(expires_at__lt=now).exclude(data=None).update(data=None)
        Export.objects.filter(created_at__lt=now - timedelta(days=30)).delete()
        left = Export.objects.filter(status__in=Export.OPEN, step_at__lt=now - LEFT_FOR)
        return list(left.values_list("tenant_id", "id")[:50])
