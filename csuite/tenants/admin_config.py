"""Names our admin site to Django; apart from it because this is read before any model is."""

from django.contrib.admin.apps import AdminConfig


class CsuiteAdminConfig(AdminConfig):
    default_site = "csuite.tenants.admin_site.Site"
