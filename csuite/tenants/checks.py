"""Start-up checks: the web role must be bound by row-level security."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def web_role_is_bound(databases: list[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
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
