"""Cost over time."""

from csuite.analytics.queries import columns as c
from csuite.analytics.queries.report import Group, Query
from csuite.analytics.rollups import DealCell, ModelCell, PersonaCell, PersonCell

QUERY = Query(
    name="cost-trend",
    about="Cost, calls and tokens over time, as a whole or by one dimension.",
    groups={
        "none": Group(ModelCell, ()),
        "provider": Group(ModelCell, ("provider",)),
        "model": Group(ModelCell, ("provider", "model")),
        "task": Group(ModelCell, ("task",)),
        "tier": Group(ModelCell, ("tier",)),
        "persona": Group(PersonaCell, ("persona",)),
        "prompt_version": Group(PersonaCell, ("persona", "prompt_version")),
        "person": Group(PersonCell, ("user",)),
        "deal": Group(DealCell, ("deal",)),
        "tenant": Group(ModelCell, ("tenant",)),
    },
    columns=(c.CALLS, c.FAILED, c.INPUT, c.OUTPUT, c.TOKENS, c.COST, c.UNPRICED, c.SHARE_OF_COST),
    granularity="day",
)
