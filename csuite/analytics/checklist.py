"""What `check_llm` says of budgets."""

from collections.abc import Iterator

from django.db.models import Count

from csuite.analytics.models import Budget
from csuite.providers.checklist import Finding
from csuite.tenants.models import Tenant
from csuite.tenants.scope import platform_scope


def findings() -> Iterator[Finding]:
    with platform_scope("check_llm"):
        of = Budget.objects.filter(hard=True).aggregate(budgets=Count("id"), companies=Count("tenant", distinct=True))
    companies = Tenant.objects.filter(is_active=True).count()
    text = f"{of['budgets']} fixed budgets in {of['companies']} of {companies} companies"
    yield Finding("ok" if of["budgets"] else "note", "budgets", text)
