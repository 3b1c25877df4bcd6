"""The home page: what is new, where the company stands, what to ask and what to set up. All from rows."""
