"""Jobs of one tenant (csuite/tenants/jobs.py)."""

import uuid

import pytest
from celery import Celery

from csuite.tenants.jobs import TenantTask
from csuite.tenants.models import AuditEntry
from csuite.tenants.scope import current_scope, current_tenant_id
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

app = Celery("test", broker="memory://", set_as_current=False)


@app.task(base=TenantTask)
def note(action: str) -> str:
    AuditEntry.objects.create(action=action)
    return str(current_tenant_id())


def test_a_job_runs_in_its_tenants_scope(cast: Cast) -> None:
    assert note.apply(args=["done"], kwargs={"tenant_id": str(cast.acme.id)}).get() == str(cast.acme.id)
    assert current_scope() is None


def test_a_job_without_a_tenant_fails() -> None:
    with pytest.raises(TypeError, match="tenant_id"):
        note.apply(args=["done"], throw=True)


def test_a_job_of_a_suspended_or_unknown_company_is_dropped(cast: Cast) -> None:
    cast.acme.is_active = False
    cast.acme.save()
    assert note.apply(args=["x"], kwargs={"tenant_id": str(cast.acme.id)}).get() is None
    assert note.apply(args=["x"], kwargs={"tenant_id": str(uuid.uuid4())}).get() is None


def test_a_job_of_a_person_who_was_deactivated_meanwhile_is_dropped(cast: Cast) -> None:
    """THREATS T7: what she had ordered is not done any more."""
    ordered = {"tenant_id": str(cast.acme.id), "user_id": str(cast.bob.id)}
    assert note.apply(args=["x"], kwargs=ordered).get() == str(cast.acme.id)
    cast.bob.memberships.update(is_active=False)
    assert note.apply(args=["x"], kwargs=ordered).get() is None
