"""Insights as cards of a page, with the question that each of them asks for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse

from csuite.personas.models import Persona
from csuite.profiles.insights import marks_of
from csuite.profiles.models import Insight, InsightMark, Metric
from csuite.tenants.models import User

# How a finding of each kind is asked about, after its title.
QUESTIONS = {
    "trend_break": "Why, and what should we do?",
    "record": "What brought it, and will it last?",
    "goal_at_risk": "What would it take to reach it after all?",
    "stale": "What can we not judge without it?",
    "concentration": "How large is the risk, and how could we spread it?",
    "slipping": "What holds them up, and which first?",
    "late_payment": "Whom should we chase first?",
}


@dataclass(frozen=True, slots=True)
class Card:
    """`persona` is None where it is switched off; `url`: of the page with its figures, or ""."""

    insight: Insight
    persona: Persona | None
    kind: str
    question: str
    url: str
    mark: InsightMark | None


def cards(rows: Sequence[Insight], personas: Sequence[Persona], user: User, today: date) -> list[Card]:
    by_key = {persona.key: persona for persona in personas}
    marks = marks_of(user, today, list(rows))
    metrics = _metrics(rows)
    return [
        Card(
            one,
            by_key.get(one.persona),
            one.get_kind_display(),
            question_of(one),
            _url(one, metrics),
            marks.get(one.pk),
        )
        for one in rows
    ]


def question_of(insight: Insight) -> str:
    asked = QUESTIONS.get(insight.kind, "What does it mean for us?")
    return f"{insight.title.rstrip('.')}. {asked}"


def one_of_each(insights: Sequence[Insight]) -> list[Insight]:
    """The first of every persona before the second of any: one loud metric must not fill the page."""
    seen: Counter[str] = Counter()
    ranked = []
    for place, insight in enumerate(insights):
        ranked.append((seen[insight.persona], place, insight))
        seen[insight.persona] += 1
    return [insight for _, _, insight in sorted(ranked, key=lambda row: row[:2])]


def _metrics(rows: Sequence[Insight]) -> dict[UUID | None, str]:
    ids = {one.about_id for one in rows if one.about_kind == "metric"}
    return dict(Metric.objects.filter(pk__in=ids).values_list("pk", "key")) if ids else {}


def _url(insight: Insight, metrics: dict[UUID | None, str]) -> str:
    if insight.about_id in metrics:
        return reverse("metric", args=[metrics[insight.about_id]])
    if insight.about_kind == "deal" and insight.about_id:
        return reverse("deal", args=[insight.about_id])
    if insight.about_kind == "invoice" and insight.about_id:
        return reverse("invoice", args=[insight.about_id])
    return reverse("pipeline") if insight.about_kind == "customer" else ""
