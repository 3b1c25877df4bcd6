"""The third net, tried for real: raw SQL as the web role, and every table of the database looked at."""

import uuid
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import CASCADE, ForeignKey

from csuite.profiles.models import Metric, MetricPoint
from csuite.tenants import rls
from csuite.tenants.checks import references_keep_their_tenant, web_role_is_bound
from csuite.tenants.models import AuditEntry, PlatformAudit, TenantOwned
from csuite.tenants.scope import platform_scope, tenant_scope
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

# Tables without a tenant, as DESIGN lists them. A new one needs a line here, and a reason to be global.
GLOBAL = {
    "django_migrations",
    "django_content_type",
    "django_session",
    "django_admin_log",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    # people and how they sign in
    "tenants_user",
    "tenants_user_groups",
    "tenants_user_user_permissions",
    "account_emailaddress",
    "account_emailconfirmation",
    "mfa_authenticator",
    "socialaccount_socialaccount",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
    # who belongs where: read before a tenant is known
    "tenants_tenant",
    "tenants_membership",
    "tenants_apitoken",
    "tenants_ssoconnection",
    "tenants_owneddomain",
    # the platform's
    "tenants_limit",
    "tenants_platformaudit",
    "counter",
    "circuit",
    # how far rollups are built, and what currencies are worth
    "rollup_state",
    "exchange_rate",
    "tenants_flag",
    "tenants_flag_groups",
    "tenants_flag_users",
    "tenants_flag_tenants",
    "waffle_flag",
    "waffle_flag_groups",
    "waffle_flag_users",
    "waffle_sample",
    "waffle_switch",
    # jobs
    "django_celery_beat_clockedschedule",
    "django_celery_beat_crontabschedule",
    "django_celery_beat_intervalschedule",
    "django_celery_beat_periodictask",
    "django_celery_beat_periodictasks",
    "django_celery_beat_solarschedule",
    "django_celery_results_chordcounter",
    "django_celery_results_groupresult",
    "django_celery_results_taskresult",
    # models, prices and personas
    "price",
    "providers_providersetting",
    "providers_languagemodel",
    "providers_tasksetting",
    "providers_release",
    "providers_tiermodel",
    "providers_providerhealth",
    "providers_keyseen",
    "providers_catalogueversion",
    "personas_persona",
    "personas_promptversion",
    "personas_promptrelease",
    "personas_catalogueversion",
}


def rows(query: str, *values: Any, alias: str = "default") -> list[tuple[Any, ...]]:
    with connections[alias].cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def owned_tables() -> set[str]:
    return {model._meta.db_table for model in rls.tenant_tables()}


def metric(cast: Cast, tenant: str) -> Metric:
    with tenant_scope(getattr(cast, tenant).id):
        row = Metric(key="revenue", name="Revenue", unit="currency")
        row.save()
        return row


def test_every_table_is_guarded_or_on_the_global_list() -> None:
    """Tables of tenants have row-level security, forced, with the one policy; all others are listed above."""
    found = rows("""
        SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
               (SELECT array_agg(p.polname::text || ' ' || p.polcmd::text) FROM pg_policy p WHERE p.polrelid = c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
    """)
    guarded = {name for name, forced, policies in found if forced and policies == ["tenant *"]}
    assert guarded == owned_tables()
    assert {name for name, *_ in found} - guarded - GLOBAL == {
        "conversations_searchentry"
    }  # the web role has no right to it at all: test_search.py
    with_tenant = {
        str(name)
        for (name,) in rows(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'tenant_id'"
        )
    }
    loose = ("membership", "limit", "flag_tenants", "ssoconnection", "owneddomain")
    assert with_tenant - guarded == {f"tenants_{name}" for name in loose}


def test_no_view_and_no_function_goes_round_the_policies() -> None:
    """A view runs as its owner, and a SECURITY DEFINER function may: each one needs a line and tests of its own."""
    assert rows("SELECT viewname FROM pg_views WHERE schemaname = 'public'") == []
    found = rows("""
        SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        LEFT JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
        WHERE n.nspname = 'public' AND p.prosecdef AND d.objid IS NULL
    """)
    assert {name for (name,) in found} == {"conversation_search", "conversation_words", "message_words"}


def test_every_tenants_column_is_filled() -> None:
    for table in owned_tables():
        assert rows(
            "SELECT is_nullable FROM information_schema.columns WHERE table_name = %s AND column_name = 'tenant_id'",
            table,
        ) == [("NO",)]


def test_the_web_role_cannot_step_out(cast: Cast) -> None:
    rights = "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert rows(rights) == [(False, False, False)]
    assert rows("SELECT roleid FROM pg_auth_members WHERE member = current_user::regrole") == []
    table = AuditEntry._meta.db_table
    for statement in (
        f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
        f'DROP POLICY tenant ON "{table}"',
        f'CREATE POLICY open ON "{table}" USING (true)',
        f'TRUNCATE "{table}" CASCADE',
        "SET ROLE csuite_owner",
        "CREATE TABLE mine (id int)",
    ):
        if statement.startswith("TRUNCATE"):
            continue  # granted in test databases only, for the flush after transactional tests
        with pytest.raises(DatabaseError), transaction.atomic():
            rows(statement)


def test_raw_sql_reads_no_other_tenants_row(cast: Cast) -> None:
    mine, other = metric(cast, "acme"), metric(cast, "rival")
    table = Metric._meta.db_table
    assert rows(f'SELECT id FROM "{table}"') == []
    with tenant_scope(cast.acme.id):
        assert rows(f'SELECT id FROM "{table}"') == [(mine.id,)]
        assert rows(f'SELECT id FROM "{table}" WHERE id = %s', other.id) == []
        assert rows(f'SELECT count(*) FROM "{table}"') == [(1,)]


def test_raw_sql_changes_no_other_tenants_row(cast: Cast) -> None:
    other = metric(cast, "rival")
    table = Metric._meta.db_table
    with tenant_scope(cast.acme.id):
        assert rows(f"UPDATE \"{table}\" SET name = 'gone'") == [(0,)]
        assert rows(f'DELETE FROM "{table}" WHERE id = %s', other.id) == [(0,)]
    with tenant_scope(cast.rival.id):
        assert Metric.objects.get().name == "Revenue"


def test_no_row_is_written_for_or_moved_to_another_tenant(cast: Cast) -> None:
    metric(cast, "acme")
    table = AuditEntry._meta.db_table
    with tenant_scope(cast.acme.id):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            rows(
                f'INSERT INTO "{table}" (id, tenant_id, at, action, target, detail)'
                " VALUES (%s, %s, now(), 'a', '', '{}')",
                uuid.uuid4(),
                cast.rival.id,
            )
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            rows(f'UPDATE "{Metric._meta.db_table}" SET tenant_id = %s', cast.rival.id)


def test_a_reference_to_another_tenants_row_is_refused(cast: Cast) -> None:
    """Row-level security does not check references; the composite keys do."""
    other = metric(cast, "rival")
    with tenant_scope(cast.acme.id):
        MetricPoint.objects.create(metric_id=other.id, period="2026-01-01", value=1)
        with pytest.raises(DatabaseError, match="violates foreign key"):
            rows("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def test_every_reference_between_tenants_tables_carries_the_tenant() -> None:
    expected = {
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in rls.tenant_tables()
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey)
        and isinstance(field.related_model, type)
        and issubclass(field.related_model, TenantOwned)
    }
    found = rows("""
        SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text,
               (SELECT count(*) FROM unnest(c.conkey)), c.convalidated
        FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2]
        WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
    """)
    assert {(table, column, target) for table, column, target, size, valid in found if size == 2 and valid} == expected
    assert references_keep_their_tenant() == []


def test_a_reference_without_its_tenant_is_an_error_at_start() -> None:
    field = MetricPoint._meta.get_field("metric")
    plain: Any = ForeignKey(Metric, on_delete=CASCADE)
    plain.name, plain.remote_field = "loose", field.remote_field
    fields = MetricPoint._meta.local_fields
    MetricPoint._meta.local_fields = [*fields, plain]
    try:
        assert [error.id for error in references_keep_their_tenant()] == ["tenants.E002"]
    finally:
        MetricPoint._meta.local_fields = fields


def test_what_is_written_down_cannot_be_changed(cast: Cast) -> None:
    tables = rls.append_only_tables()
    assert {AuditEntry._meta.db_table, PlatformAudit._meta.db_table} <= set(tables)
    with platform_scope("test"):
        for table in tables:
            for statement in (f'DELETE FROM "{table}"', f'UPDATE "{table}" SET id = id'):
                with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                    rows(statement)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_securing_again_changes_nothing_and_mends_what_was_broken(cast: Cast) -> None:
    table = AuditEntry._meta.db_table
    rows(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY', alias="owner")
    rows(f'GRANT DELETE ON "{table}" TO csuite_web', alias="owner")
    before = rows("SELECT conname FROM pg_constraint ORDER BY 1", alias="owner")
    rls.secure()
    rls.secure_after_migrate("default")
    assert rows("SELECT conname FROM pg_constraint ORDER BY 1", alias="owner") == before
    test_every_table_is_guarded_or_on_the_global_list()
    test_what_is_written_down_cannot_be_changed(cast)


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_role_that_row_level_security_does_not_bind_is_an_error_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert web_role_is_bound() == []
    assert web_role_is_bound(databases=["default"]) == []
    from tests.database import ops, with_database

    with ops() as server:
        url = with_database(f"postgresql://{server.info.user}@/", "")
    monkeypatch.setitem(connection.settings_dict, "USER", url.split("//")[1].split("@")[0])
    fresh = connections.create_connection("default")
    fresh.settings_dict = {**connection.settings_dict, "PASSWORD": _ops_password()}
    monkeypatch.setattr("csuite.tenants.checks.connections", {"default": fresh})
    try:
        assert [error.id for error in web_role_is_bound(databases=["default"])] == ["tenants.E001"]
    finally:
        fresh.close()


def _ops_password() -> str:
    import os
    from urllib.parse import urlsplit

    return urlsplit(os.environ["CSUITE_TEST_OPS_URL"]).password or ""


def test_models_that_are_a_tenants_say_so() -> None:
    """A model with a tenant field is a TenantOwned, or one of the global ones."""
    loose = {
        model.__name__
        for model in apps.get_models()
        if any(field.name == "tenant" for field in model._meta.local_fields) and not issubclass(model, TenantOwned)
    }
    assert loose == {"Membership", "Limit", "SsoConnection", "OwnedDomain"}
