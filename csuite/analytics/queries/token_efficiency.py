"""What tokens are spent on."""

from csuite.analytics.queries import columns as c
from csuite.analytics.queries.report import Group, Query
from csuite.analytics.rollups import ModelCell, PersonaCell, PersonCell

QUERY = Query(
    name="token-efficiency",
    about="Tokens for each call: what is sent, what comes back, what was cached, what a thousand of them cost.",
    groups={
        "task": Group(ModelCell, ("task",)),
        "model": Group(ModelCell, ("provider", "model")),
        "persona": Group(PersonaCell, ("persona",)),
        "prompt_version": Group(PersonaCell, ("persona", "prompt_version")),
        "person": Group(PersonCell, ("user",)),
    },
    columns=(
        c.CALLS,
        c.INPUT,
        c.OUTPUT,
        c.CACHED,
        c.REASONING,
        c.mean("input_per_call", "Tokens sent.", "input_tokens"),
        c.mean("output_per_call", "Tokens that came back.", "output_tokens"),
        c.rate("cached_share", "Of the input.", "cached_tokens", "input_tokens"),
        c.rate("reasoning_share", "Of the output.", "reasoning_tokens", "output_tokens"),
        c.rate("estimated_share", "Calls whose tokens the provider did not count.", "estimated", "calls"),
        c.COST,
        c.UNPRICED,
        c.COST_PER_1K,
    ),
)
