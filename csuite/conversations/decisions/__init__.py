"""Decisions: what came of a question. Proposed from an answer, approved or not, done, and looked back on.

They are the company's: every member sees them, with the answers they rest on. Officers recall the approved ones.
"""
