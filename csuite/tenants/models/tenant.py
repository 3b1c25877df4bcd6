"""A company on this installation, and who belongs to it."""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils import timezone

PLATFORM_SLUG = "csuite"  # the tenant of the platform's own model calls (smoke tests, evals)


class SignIn(models.TextChoices):
    """What a company asks of its members' sign-in (csuite/tenants/policy.py)."""

    PASSWORD = "password", "Password or single sign-on"
    MFA = "mfa", "Two-step sign-in required"
    SSO = "sso", "Single sign-on only"


class Tenant(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    plan = models.CharField(max_length=20, default="standard", help_text="Names the limits that hold.")
    currency = models.CharField(max_length=3, default="USD")
    time_zone = models.CharField(max_length=60, default="UTC")
    sign_in = models.CharField("sign-in", max_length=20, choices=SignIn.choices, default=SignIn.PASSWORD)
    is_active = models.BooleanField(default=True, help_text="Off suspends everybody in it at once.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def now(self) -> datetime:
        """The time where the company is."""
        return timezone.now().astimezone(ZoneInfo(self.time_zone))

    def today(self) -> date:
        """The day where the company is."""
        return self.now().date()


class Role(models.TextChoices):
    EXECUTIVE = "executive", "Executive"
    ADMIN = "admin", "Tenant admin"
    FINANCE = "finance", "Finance"


class Membership(models.Model):
    """A person in a tenant, with one role. Read by user, so it is a global table."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.EXECUTIVE)
    title = models.CharField(max_length=120, blank=True, help_text="As on a business card.")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True, editable=False)
    visit_at = models.DateTimeField(null=True, editable=False)  # when she opened home, and the visit before (seen.py)
    visit_before = models.DateTimeField(null=True, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)  # comes back by a new invitation only

    class Meta:
        ordering = ["tenant__name"]
        constraints = [models.UniqueConstraint(fields=["user", "tenant"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.tenant}"

    @property
    def holds(self) -> bool:
        """Whether it gives access now: person, membership and tenant are all active."""
        return self.is_active and self.user.is_active and self.tenant.is_active
