"""Start-up checks: the web role must be bound by row-level security."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from csuite.tenants.models import TenantForeignKey, TenantOwned


@register(Tags.database)
def web_role_is_bound(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Runs where databases are checked (`migrate`, `check --database default`)."""
    if "default" not in (databases or []):
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        row = cursor.fetchone()
    if row and row[0]:
        return [
            Error(
                "DATABASE_URL signs in as a role that row-level security does not bind.",
                hint="Use a role without SUPERUSER and BYPASSRLS; migrations use DATABASE_ADMIN_URL.",
                id="tenants.E001",
            )
        ]
    return []


@register(Tags.models)
def references_keep_their_tenant(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Row-level security does not look at references: one between tenant tables must carry the tenant."""
    return [
        Error(
            f"{model.__name__}.{field.name} refers to a tenant's row without its tenant.",
            hint="Use TenantForeignKey from a TenantOwned model, and a model of your own instead of many-to-many.",
            obj=field,
            id="tenants.E002",
        )
        for model in apps.get_models()
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if isinstance(field.related_model, type)
        and issubclass(field.related_model, TenantOwned)
        and not (isinstance(field, TenantForeignKey) and issubclass(model, TenantOwned))
    ]
