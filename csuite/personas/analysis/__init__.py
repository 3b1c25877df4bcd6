"""One deal looked at as a whole: facts taken from what was written, held against the rows by rules, told as a view.

A model extracts and tells; what is true is decided by rules (checking.py). Where the model fails, rules do all three.
"""
