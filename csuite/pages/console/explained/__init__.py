"""Every setting as a record: those of the environment (variables.py), those of rows (rows.py)."""
