"""Several officers at one table: a question to two to four of them, each alone, and one synthesis of what they said.

minutes.py holds the synthesis as data, tracing.py checks its claims against the answers, by_rules.py makes one without
a model, prompting.py asks for one, synthesizing.py writes it as the last answer of the turn.
"""

BOARD = "board"  # the persona key of a synthesis, in rows, frames and the ledger; no officer may have it
LEAST = 2  # complete answers that a synthesis needs
