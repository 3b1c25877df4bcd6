"""Who speaks: officers, global and the same for every tenant."""

from django.db import models


class Persona(models.Model):
    """An officer one can ask. Rows shipped with the product are created once and then belong to the admin."""

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60, help_text="As CFO.")
    title = models.CharField(max_length=120, help_text="As Chief financial officer.")
    byline = models.CharField(max_length=60, help_text="As Finance.")
    role_line = models.CharField(max_length=120, blank=True, help_text="As Margin, cash, forecasts, risk.")
    mark = models.CharField(max_length=20, blank=True, help_text="Shape and hue; empty: the key.")
    prompt = models.CharField(max_length=60, help_text="Name of its prompt, as persona.cfo.")
    sees = models.JSONField(default=list, blank=True, help_text="Keys of the metrics it sees; empty: all.")
    questions = models.JSONField(default=list, blank=True, help_text="Questions it likes.")
    insights = models.PositiveSmallIntegerField(default=2, help_text="How many recent insights it is given.")
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.name

    @property
    def hue(self) -> str:
        """The name of its colour and shape in the design."""
        return self.mark or self.key
