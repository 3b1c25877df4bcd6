"""What keeps csuite from starting."""


class StartError(Exception):
    """csuite cannot start; the message is one line that says why and what to do about it."""
