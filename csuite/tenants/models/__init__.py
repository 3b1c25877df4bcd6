"""Who you are and what you may see."""

from csuite.tenants.models.audit import AuditEntry, PlatformAudit
from csuite.tenants.models.flag import Flag
from csuite.tenants.models.limit import Counter, Limit
from csuite.tenants.models.owned import TenantForeignKey, TenantManager, TenantOwned
from csuite.tenants.models.tenant import Membership, Role, Tenant
from csuite.tenants.models.token import ApiToken
from csuite.tenants.models.user import User

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Counter",
    "Flag",
    "Limit",
    "Membership",
    "PlatformAudit",
    "Role",
    "Tenant",
    "TenantForeignKey",
    "TenantManager",
    "TenantOwned",
    "User",
]
