"""Cash to come: when deals are invoiced and paid, and how much by week or month.

Pure: values in, values out, the same for the same input. Rules first (`assumptions`), then what the tenant's own
history teaches (`payments`, `stays`), then what a model reads in notes, and a person's date over all (`correcting`).
See docs/cashflow.md.
"""

from csuite.personas.cashflow.assumptions import Assumptions, Selling
from csuite.personas.cashflow.correcting import Hints
from csuite.personas.cashflow.explaining import explain_assumptions
from csuite.personas.cashflow.facts import BadFact, Book, Deal, Hint, Invoice, Override, Spell
from csuite.personas.cashflow.forecasting import predict_cashflow
from csuite.personas.cashflow.learning import Learned, learn
from csuite.personas.cashflow.predicting import Predicted, predict_deal_dates
from csuite.personas.cashflow.results import Bucket, Forecast, LeftOut, Metadata, Prediction, Step, Timing
from csuite.personas.cashflow.tables import Table, generate_deal_table, generate_forecast_table

__all__ = [
    "Assumptions",
    "BadFact",
    "Book",
    "Bucket",
    "Deal",
    "Forecast",
    "Hint",
    "Hints",
    "Invoice",
    "Learned",
    "LeftOut",
    "Metadata",
    "Override",
    "Predicted",
    "Prediction",
    "Selling",
    "Spell",
    "Step",
    "Table",
    "Timing",
    "explain_assumptions",
    "generate_deal_table",
    "generate_forecast_table",
    "learn",
    "predict_cashflow",
    "predict_deal_dates",
]
