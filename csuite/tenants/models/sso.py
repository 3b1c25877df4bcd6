"""Single sign-on of a tenant, and the e-mail domains it owns. Read before anybody is signed in: global tables."""

import re

from django.core.exceptions import ValidationError
from django.db import models

from csuite.tenants.models.tenant import Role, Tenant

DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def check_domain(value: str) -> None:
    """Raises ValidationError for what is no domain, written small."""
    if not DOMAIN.fullmatch(value):
        raise ValidationError("A domain as in an e-mail address, small letters: example.com")


class SsoConnection(models.Model):
    """Where the people of a tenant sign in. The client secret is not here: the environment has it (sso.py)."""

    tenant = models.OneToOneField(Tenant, models.CASCADE, related_name="sso")
    name = models.CharField(max_length=80, help_text="As people call it: Okta, Entra, Google.")
    issuer = models.CharField(max_length=300, help_text="https://…, without /.well-known/")
    client_id = models.CharField(max_length=200)
    trusts_addresses = models.BooleanField(
        default=False,
        help_text="The provider sends no email_verified, but only its administrators set addresses (Entra).",
    )
    creates_members = models.BooleanField(
        default=False, help_text="Whoever signs in with an address of a verified domain becomes a member."
    )
    default_role = models.CharField(max_length=20, choices=Role.choices, default=Role.EXECUTIVE)
    is_active = models.BooleanField(default=False)

    class Meta:
        verbose_name = "single sign-on"
        verbose_name_plural = "single sign-on"

    def __str__(self) -> str:
        return f"{self.name} of {self.tenant}"

    def clean(self) -> None:
        from csuite.tenants.sso import issuer_fault

        self.issuer = self.issuer.strip().rstrip("/")
        fault = issuer_fault(self.issuer)
        if fault:
            raise ValidationError({"issuer": fault})


class OwnedDomain(models.Model):
    """An e-mail domain of a tenant. It counts once the platform has verified that the tenant owns it."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=250, unique=True, validators=[check_domain])
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain
