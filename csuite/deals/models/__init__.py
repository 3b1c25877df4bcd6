"""Whom the company sells to, what stands in its pipelines, what was invoiced, and what is expected of both."""

from csuite.deals.models.change import Change
from csuite.deals.models.expectation import Expectation, Reading
from csuite.deals.models.invoice import Invoice
from csuite.deals.models.note import Note
from csuite.deals.models.parties import Customer, Product, Seller
from csuite.deals.models.pipeline import Deal, Pipeline, Stage, StageEntry

__all__ = [
    "Change",
    "Customer",
    "Deal",
    "Expectation",
    "Invoice",
    "Note",
    "Pipeline",
    "Product",
    "Reading",
    "Seller",
    "Stage",
    "StageEntry",
]
