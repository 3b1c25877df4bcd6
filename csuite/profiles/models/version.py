"""Which state of a tenant's data this is: what caches of facts, prompts and answers carry in their key."""

from django.db import connection, models

from csuite.tenants.models import TenantOwned
from csuite.tenants.scope import current_tenant_id


class DataVersion(TenantOwned):
    """A number that is another one after every change of what facts are made of, and never an old one again.

    Written by triggers only (migration 0002), so that bulk operations, the admin and plain SQL count too. Caches
    of anything that was made from facts carry it in their key.
    """

    number = models.BigIntegerField()

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="data_version_once")]

    def __str__(self) -> str:
        return str(self.number)


def data_version() -> int | None:
    """One cheap query, inside a tenant scope. None: nobody counts the changes of this tenant, so cache nothing.

    Inside a transaction that has changed something, a number of its own: it is burnt if that rolls back.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM profiles_dataversion WHERE tenant_id = %s", [current_tenant_id()])
        row = cursor.fetchone()
    return row[0] if row else None
