"""Which metric of the company a text names. Inside the tenant's scope."""

from csuite.personas.evidence.naming import Names, called
from csuite.personas.vocabulary import SYNONYMS
from csuite.profiles.models import Metric


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
