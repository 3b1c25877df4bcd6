"""Conversations as files: one at once or by a worker, or all of a person's in a zip."""
