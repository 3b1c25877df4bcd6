"""Which state of data and catalogue a prompt is built from, in one query."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection, models

from csuite.tenants.scope import current_tenant_id


class CatalogueVersion(models.Model):
    """One row: a number that is another one after every change of a persona or a prompt, and never an old one again.

    Written by triggers only (migration 0002), so that bulk operations, the admin and plain SQL count too.
    """

    number = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.number)


@dataclass(frozen=True, slots=True)
class Versions:
    """`data`: of this tenant's figures (csuite.profiles.models.version); `catalogue`: of personas and prompts."""

    tenant: UUID
    data: int
    catalogue: int


def catalogue_version() -> int | None:
    """None: nobody counts the changes, so cache nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM personas_catalogueversion WHERE id = 1")
        row = cursor.fetchone()
    return row[0] if row else None


def versions() -> Versions | None:
    """Inside a tenant scope. None: somebody does not count changes, so nothing may be kept."""
    tenant = current_tenant_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT number FROM profiles_dataversion WHERE tenant_id = %s),"
            " (SELECT number FROM personas_catalogueversion WHERE id = 1)",
            [tenant],
        )
        data, catalogue = cursor.fetchone()
    return None if data is None or catalogue is None else Versions(tenant, data, catalogue)
