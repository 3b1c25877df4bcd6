"""Which metric of the company a text names. Inside the tenant's scope."""

from typing import Any
from uuid import UUID

from csuite.personas.evidence.naming import Names, called
from csuite.personas.vocabulary import SYNONYMS
from csuite.profiles import drafts
from csuite.profiles.models import Goal, Metric
from csuite.profiles.signals import metrics_imported
from csuite.tenants.scope import tenant_scope


def metric_in(text: str) -> Metric | None:
    """By the longest of its names and the words people use for it; of two the first in the text."""
    metrics: dict[str, Metric] = {metric.key: metric for metric in Metric.objects.order_by("key")}
    names = Names()
    for key, metric in metrics.items():
        synonyms = tuple(map(str, metric.synonyms))
        for name in (*called(metric.name, synonyms), *SYNONYMS.get(key, ()), key.replace("_", " ")):
            names.add(name, ("metric", key))
    named = [mention for mention in names.find(text) if len(mention.ids) == 1]
    if not named:
        return None
    longest = max(named, key=lambda mention: (mention.words, -mention.start))
    return metrics[next(iter(longest.ids))]


def hear() -> None:
    """Goals are often said before the figures come: when they do, each gets the metric that its title names."""
    metrics_imported.connect(_link, dispatch_uid="goals")


def _link(sender: object, tenant: UUID, **rest: Any) -> None:
    with tenant_scope(tenant):
        profiles = [profile.pk for profile in (drafts.current(), drafts.published()) if profile is not None]
        for goal in Goal.objects.filter(profile__in=profiles, metric=None):
            metric = metric_in(goal.title)
            if metric is not None and metric.unit == goal.unit:
                goal.metric = metric
                goal.save(update_fields=["metric"])
