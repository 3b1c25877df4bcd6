"""Who you are and what you may see."""

from csuite.tenants.models.audit import AuditEntry, PlatformAudit
from csuite.tenants.models.flag import Flag, FlagOverride
from csuite.tenants.models.invitation import Invitation
from csuite.tenants.models.limit import Counter, Limit
from csuite.tenants.models.owned import TenantForeignKey, TenantManager, TenantOwned
from csuite.tenants.models.sso import OwnedDomain, SsoConnection
from csuite.tenants.models.tenant import Membership, Role, SignIn, Tenant
from csuite.tenants.models.token import ApiToken
from csuite.tenants.models.user import User

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Counter",
    "Flag",
    "FlagOverride",
    "Invitation",
    "Limit",
    "Membership",
    "OwnedDomain",
    "PlatformAudit",
    "Role",
    "SignIn",
    "SsoConnection",
    "Tenant",
    "TenantForeignKey",
    "TenantManager",
    "TenantOwned",
    "User",
]
