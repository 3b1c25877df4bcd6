"""Row-level security, composite references and grants: state derived from the models after every migration.

Applied by the owner role, idempotently, so that no migration can forget it; a test walks pg_class.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models, transaction

from csuite.tenants.models import TenantForeignKey, TenantOwned

VISIBLE = (
    "(tenant_id = nullif(current_setting('app.tenant', true), '')::uuid"
    " OR current_setting('app.platform', true) = 'on')"
)


def tenant_tables() -> list[type[TenantOwned]]:
    return [m for m in apps.get_models() if issubclass(m, TenantOwned) and m._meta.managed]


def append_only_tables() -> list[str]:
    return [m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)]


def tables_behind_functions() -> list[str]:
    """Tables that the web role has no right to: functions of the owner's read and write them for it."""
    return [m._meta.db_table for m in apps.get_models() if getattr(m, "behind_functions", False)]


def _policy(table: str) -> list[str]:
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'DROP POLICY IF EXISTS tenant ON "{table}"',
        f'CREATE POLICY tenant ON "{table}" USING {VISIBLE} WITH CHECK {VISIBLE}',
    ]


def _references(model: type[models.Model]) -> list[tuple[str, str, str]]:
    """(constraint name, column, target table) of each reference to another tenant table."""
    return [
        (
            f"{model._meta.db_table}_{field.column}_tenant"[:63],
            str(field.column),
            field.related_model._meta.db_table,
        )
        for field in model._meta.local_fields
        if isinstance(field, TenantForeignKey)
    ]


def _constraint_exists(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s AND connamespace = 'public'::regnamespace", [name])
    return cursor.fetchone() is not None


def _grants(role: str, there: set[str]) -> list[str]:
    frozen = [f'REVOKE UPDATE, DELETE ON "{table}" FROM "{role}"' for table in append_only_tables() if table in there]
    hidden = [f'REVOKE ALL ON "{table}" FROM "{role}"' for table in tables_behind_functions() if table in there]
    return [
        f'GRANT USAGE ON SCHEMA public TO "{role}"',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"',
        f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"',
        *frozen,
        *hidden,
    ]


def _guard(cursor: Any, model: type[TenantOwned]) -> None:
    """Row-level security of one table."""
    for statement in _policy(model._meta.db_table):
        cursor.execute(statement)


def _refer(cursor: Any, model: type[TenantOwned]) -> None:
    """Composite references, and the key they point at on the other table (only there: an index costs every insert)."""
    for name, column, target in _references(model):
        key = f"{target}_tenant_id_key"[:63]
        if not _constraint_exists(cursor, key):
            cursor.execute(f'ALTER TABLE "{target}" ADD CONSTRAINT "{key}" UNIQUE (tenant_id, id)')
        if not _constraint_exists(cursor, name):
            cursor.execute(
                f'ALTER TABLE "{model._meta.db_table}" ADD CONSTRAINT "{name}"'
                f' FOREIGN KEY (tenant_id, "{column}") REFERENCES "{target}" (tenant_id, id)'
                " DEFERRABLE INITIALLY DEFERRED"
            )


def secure(using: str = "owner") -> None:
    """Brings policies, composite references and grants in line with the models. Needs the owner role.

    Each table in a transaction of its own: nobody reads between a dropped and a new policy, and no two tables are
    locked at once. Tables that are not migrated yet wait for their turn.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        owned = [model for model in tenant_tables() if model._meta.db_table in there]
        for step in (_guard, _refer):
            for model in owned:
                with transaction.atomic(using=using):
                    step(cursor, model)
        web, owner = settings.DATABASES["default"]["USER"], settings.DATABASES["owner"]["USER"]
        if web != owner:
            with transaction.atomic(using=using):
                for statement in _grants(web, there):
                    cursor.execute(statement)


def secure_after_migrate(using: str, **kwargs: Any) -> None:
    if using == "owner":
        secure(using)
