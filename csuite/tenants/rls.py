"""Row-level security, composite references and grants: state derived from the models after every migration.

Applied by the owner role, idempotently, so that no migration can forget it; a test walks pg_class.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models

from csuite.tenants.models import TenantForeignKey, TenantOwned

VISIBLE = (
    "(tenant_id = nullif(current_setting('app.tenant', true), '')::uuid"
    " OR current_setting('app.platform', true) = 'on')"
)


def tenant_tables() -> list[type[TenantOwned]]:
    return [m for m in apps.get_models() if issubclass(m, TenantOwned) and m._meta.managed]


def append_only_tables() -> list[str]:
    return [m._meta.db_table for m in apps.get_models() if getattr(m, "append_only", False)]


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
    cursor.execute(
        "SELECT 1 FROM pg_constraint WHERE conname = %s AND connamespace = 'public'::regnamespace", [name]
    )
    return cursor.fetchone() is not None


def _grants(role: str) -> list[str]:
    frozen = [f'REVOKE UPDATE, DELETE ON "{table}" FROM "{role}"' for table in append_only_tables()]
    return [
        f'GRANT USAGE ON SCHEMA public TO "{role}"',
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"',
        f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"',
        *frozen,
    ]


def secure(using: str = "owner") -> None:
    """Brings policies, composite references and grants in line with the models. Needs the owner role."""
    owned = tenant_tables()
    with connections[using].cursor() as cursor:
        for model in owned:
            table = model._meta.db_table
            for statement in _policy(table):
                cursor.execute(statement)
            if not _constraint_exists(cursor, f"{table}_tenant_id_key"[:63]):
                cursor.execute(
                    f'ALTER TABLE "{table}" ADD CONSTRAINT "{f"{table}_tenant_id_key"[:63]}" UNIQUE (tenant_id, id)'
                )
        for model in owned:
            for name, column, target in _references(model):
                if not _constraint_exists(cursor, name):
                    cursor.execute(
                        f'ALTER TABLE "{model._meta.db_table}" ADD CONSTRAINT "{name}" FOREIGN KEY (tenant_id, "{column}")'
                        f' REFERENCES "{target}" (tenant_id, id) DEFERRABLE INITIALLY DEFERRED'
                    )
        web, owner = settings.DATABASES["default"]["USER"], settings.DATABASES["owner"]["USER"]
        if web != owner:
            for statement in _grants(web):
                cursor.execute(statement)


def secure_after_migrate(using: str, **kwargs: Any) -> None:
    if using == "owner":
        secure(using)
