"""The built-in analyst: answers from a company's own figures by rule, where no language model answers."""

from csuite.personas.analyst.composing import CLOSING, answer, pieces

__all__ = ["CLOSING", "answer", "pieces"]
