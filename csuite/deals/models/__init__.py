"""Whom the company sells to, what stands in its pipelines, and what was invoiced."""

from csuite.deals.models.change import Change
from csuite.deals.models.invoice import Invoice
from csuite.deals.models.note import Note
from csuite.deals.models.parties import Customer, Product, Seller
from csuite.deals.models.pipeline import Deal, Pipeline, Stage, StageEntry

__all__ = ["Change", "Customer", "Deal", "Invoice", "Note", "Pipeline", "Product", "Seller", "Stage", "StageEntry"]
