"""Who speaks, and with which words."""

from csuite.personas.models.deal_analysis import DealAnalysis
from csuite.personas.models.insights_due import InsightsDue
from csuite.personas.models.persona import Persona
from csuite.personas.models.prompt import PromptOverride, PromptRelease, PromptVersion
from csuite.personas.models.writing_batch import WritingBatch
from csuite.personas.versions import CatalogueVersion

__all__ = [
    "CatalogueVersion",
    "DealAnalysis",
    "InsightsDue",
    "Persona",
    "PromptOverride",
    "PromptRelease",
    "PromptVersion",
    "WritingBatch",
]
