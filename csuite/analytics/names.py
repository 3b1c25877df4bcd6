"""Names for the ids in the ledger, looked up when shown: the ledger itself holds none."""

from collections.abc import Iterable
from uuid import UUID

from csuite.tenants.models import Membership
from csuite.tenants.scope import current_tenant_id

NOBODY = "csuite itself"
FORMER = "Former member"


class People(dict[UUID | None, str]):
    """Display names by user id; whoever is no member of the tenant is a former one."""

    def __missing__(self, user: UUID | None) -> str:
        return FORMER if user else NOBODY


def people(users: Iterable[UUID | None]) -> People:
    """The names of those of `users` that belong to the tenant of the scope."""
    rows = Membership.objects.filter(
        tenant_id=current_tenant_id(), user_id__in={user for user in users if user}
    ).select_related("user")
    return People({row.user_id: row.user.display_name for row in rows})
