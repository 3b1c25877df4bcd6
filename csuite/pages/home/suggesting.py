"""Questions worth asking today: about what was found, what is late, and else what each officer likes to be asked."""

from collections.abc import Sequence
from datetime import date

from csuite.deals.models import Invoice
from csuite.pages.home.cards import Card
from csuite.personas.models import Persona
from csuite.profiles import formatting

EACH = 2  # per persona


def suggestions(
    personas: Sequence[Persona], found: Sequence[Card], shown: Sequence[Card], today: date
) -> list[tuple[Persona, list[str]]]:
    """What a card on the page already asks is not asked again."""
    there = {card.insight.pk for card in shown}
    late = Invoice.objects.filter(settled_on__isnull=True, due_on__lt=today).count()
    made = []
    for persona in personas:
        own = [c.question for c in found if c.insight.persona == persona.key and c.insight.pk not in there]
        if persona.key == "cfo" and late > 1:
            own.insert(0, f"Which of the {formatting.in_words(late)} late invoices should we chase first?")
        questions = list(dict.fromkeys([*own[:1], *map(str, persona.questions), *own[1:]]))[:EACH]
        if questions:
            made.append((persona, questions))
    return made
