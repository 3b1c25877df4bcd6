"""The built-in analyst: answers from a company's own figures by rule, where no language model answers."""

from csuite.personas.analyst.composing import CLOSING, answer, pieces
from csuite.personas.analyst.dialect import Analyst

__all__ = ["CLOSING", "Analyst", "answer", "pieces"]
