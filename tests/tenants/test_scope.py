"""The scopes (csuite/tenants/scope.py) and the manager's refusal, tried as the web role."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from csuite.tenants.models import AuditEntry, PlatformAudit, TenantOwned
from csuite.tenants.scope import ScopeError, current_scope, current_tenant_id, platform_scope, tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def settings_of_connection() -> tuple[str, str]:
    """(app.tenant, app.platform) as row-level security sees them now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.tenant', true), current_setting('app.platform', true)")
        tenant, platform = cursor.fetchone()
    return tenant or "", platform or ""


def entry(cast: Cast, tenant: str = "acme") -> AuditEntry:
    with tenant_scope(getattr(cast, tenant).id):
        row = AuditEntry(action="test.done")
        row.save()
        return row


def test_a_query_outside_a_scope_is_refused() -> None:
    with pytest.raises(ScopeError, match="AuditEntry was queried outside"):
        AuditEntry.objects.all()
    with pytest.raises(ScopeError):
        AuditEntry._base_manager.all()
    with pytest.raises(ScopeError):
        current_tenant_id()


def test_saving_outside_a_scope_is_refused(cast: Cast) -> None:
    with pytest.raises(ScopeError, match="saved outside"):
        AuditEntry(tenant=cast.acme, action="a").save()


def test_a_row_takes_the_tenant_of_its_scope_and_only_that(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        assert AuditEntry.objects.create(action="a").tenant_id == cast.acme.id
        with pytest.raises(ScopeError, match="another tenant"):
            AuditEntry(tenant=cast.rival, action="a").save()


def test_a_scope_shows_its_tenants_rows_only(cast: Cast) -> None:
    mine, other = entry(cast), entry(cast, "rival")
    with tenant_scope(cast.acme.id):
        assert current_tenant_id() == cast.acme.id
        assert list(AuditEntry.objects.all()) == [mine]
        assert not AuditEntry.objects.filter(id=other.id).exists()


def test_another_tenants_scope_cannot_open_inside(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        with pytest.raises(ScopeError), tenant_scope(cast.rival.id):
            pass
        with pytest.raises(ScopeError), platform_scope("test"):
            pass
        assert settings_of_connection() == (str(cast.acme.id), "")


def test_the_same_tenants_scope_joins_and_its_end_changes_nothing(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        with tenant_scope(cast.acme.id):
            pass
        assert settings_of_connection() == (str(cast.acme.id), "")
        AuditEntry.objects.create(action="a")


def test_the_end_of_a_scope_leaves_nothing_behind(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        pass
    assert settings_of_connection() == ("", "")
    assert current_scope() is None


def test_an_error_leaves_nothing_behind(cast: Cast) -> None:
    with pytest.raises(DatabaseError), tenant_scope(cast.acme.id), connection.cursor() as cursor:
        cursor.execute("SELECT nonsense")
    assert settings_of_connection() == ("", "")
    assert current_scope() is None


def test_a_rollback_that_was_asked_for_leaves_nothing_behind(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        AuditEntry.objects.create(action="a")
        transaction.set_rollback(True)
    assert settings_of_connection() == ("", "")
    with tenant_scope(cast.acme.id):
        assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_carries_no_tenant_to_its_next_user(cast: Cast) -> None:
    """Outside any transaction: what a pooled connection would hand on."""
    with tenant_scope(cast.acme.id):
        assert settings_of_connection() == (str(cast.acme.id), "")
    assert settings_of_connection() == ("", "")
    with platform_scope("test"):
        assert settings_of_connection() == ("", "on")
    assert settings_of_connection() == ("", "")
    seen = []

    def on_commit() -> None:
        """Runs within the scope, and after its transaction: a scope of the same tenant must be one of its own."""
        with tenant_scope(cast.acme.id):
            seen.append(settings_of_connection())

    with tenant_scope(cast.acme.id):
        transaction.on_commit(on_commit)
    assert seen == [(str(cast.acme.id), "")]
    assert settings_of_connection() == ("", "")


def test_the_platform_sees_every_tenant(cast: Cast) -> None:
    mine, other = entry(cast), entry(cast, "rival")
    with platform_scope("test"):
        assert set(AuditEntry.objects.all()) == {mine, other}
        with pytest.raises(ScopeError):
            current_tenant_id()


def test_the_platform_must_name_the_tenant_of_a_row_it_writes(cast: Cast) -> None:
    with platform_scope("test"):
        AuditEntry.objects.create(tenant=cast.rival, action="a")
        with pytest.raises(DatabaseError), transaction.atomic():
            AuditEntry.objects.create(action="a")


def test_a_tenants_scope_inside_the_platforms_sees_that_tenant_only(cast: Cast) -> None:
    mine, other = entry(cast), entry(cast, "rival")
    with platform_scope("test"):
        with tenant_scope(cast.acme.id):
            assert settings_of_connection() == (str(cast.acme.id), "")
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT id FROM "{AuditEntry._meta.db_table}"')
                assert cursor.fetchall() == [(mine.id,)]
        assert settings_of_connection() == ("", "on")
        assert set(AuditEntry.objects.all()) == {mine, other}


def test_a_platform_scope_inside_the_platforms_does_not_end_the_outer_one(cast: Cast) -> None:
    entry(cast)
    with platform_scope("outer"):
        with platform_scope("inner"):
            pass
        assert AuditEntry.objects.count() == 1


def test_a_persons_look_is_written_down_even_if_it_fails(cast: Cast) -> None:
    with pytest.raises(RuntimeError), platform_scope("support case 7", user=cast.root):
        raise RuntimeError
    row = PlatformAudit.objects.get()
    assert (row.user, row.action, row.detail) == (cast.root, "platform_scope", {"reason": "support case 7"})
    assert str(row) == "platform_scope"


def test_the_platforms_own_look_writes_no_row() -> None:
    with platform_scope("sweeper"):
        pass
    assert not PlatformAudit.objects.exists()


def test_an_unknown_tenants_scope_is_empty(cast: Cast) -> None:
    entry(cast)
    with tenant_scope(uuid.uuid4()):
        assert not AuditEntry.objects.exists()


def test_a_queryset_read_after_its_scope_shows_nothing(cast: Cast) -> None:
    entry(cast)
    with tenant_scope(cast.acme.id):
        rows = AuditEntry.objects.all()
    assert list(rows) == []


def test_claim_serves_bulk_create(cast: Cast) -> None:
    with tenant_scope(cast.acme.id):
        rows: list[TenantOwned] = [AuditEntry(action=str(n)) for n in range(3)]
        for row in rows:
            row.claim()
        AuditEntry.objects.bulk_create(rows)
        assert AuditEntry.objects.count() == 3
