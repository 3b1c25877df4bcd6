"""Sums of the ledger by hour and day. One rollup is one file; here they are listed."""

from csuite.analytics.rollups.by_cache import CacheCell
from csuite.analytics.rollups.by_deal import DealCell
from csuite.analytics.rollups.by_error import ErrorCell
from csuite.analytics.rollups.by_model import ModelCell
from csuite.analytics.rollups.by_pace import PaceCell
from csuite.analytics.rollups.by_person import PersonCell
from csuite.analytics.rollups.by_persona import PersonaCell
from csuite.analytics.rollups.by_stage import StageCell
from csuite.analytics.rollups.measures import Cell
from csuite.analytics.rollups.state import DueHour, FillState

ROLLUPS: tuple[type[Cell], ...] = (
    ModelCell, StageCell, PersonCell, PersonaCell, DealCell, ErrorCell, CacheCell, PaceCell,
)  # fmt: skip

__all__ = [
    "ROLLUPS",
    "CacheCell",
    "Cell",
    "DealCell",
    "DueHour",
    "ErrorCell",
    "FillState",
    "ModelCell",
    "PaceCell",
    "PersonCell",
    "PersonaCell",
    "StageCell",
]
