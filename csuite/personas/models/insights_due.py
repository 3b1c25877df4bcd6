"""Whether the detectors shall look at a tenant again, and when they last did."""

from django.db import models

from csuite.tenants.models import TenantOwned


class InsightsDue(TenantOwned):
    """One row for each tenant. It outlives a worker that dies: whoever sweeps finds what is still wanted."""

    wanted_at = models.DateTimeField(null=True, help_text="Since when a look is wanted; empty: not.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often that look was begun.")
    began_at = models.DateTimeField(null=True)
    ran_at = models.DateTimeField(null=True)
    ran_for = models.DateField(null=True, help_text="The company's day of the last look.")
    foretold = models.JSONField(default=dict, help_text="Days on which payments were expected, by kind:reference.")
    foretold_on = models.DateField(null=True, help_text="When that was foretold.")

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="insights_due_once")]
        indexes = [
            models.Index(fields=["wanted_at"], name="insights_wanted", condition=models.Q(wanted_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"wanted since {self.wanted_at}" if self.wanted_at else f"looked {self.ran_at}"
