"""Short texts that people type, before they are kept."""

from csuite.tenants.problems import Problem


def one_line(text: str) -> str:
    """One line of printable characters. Raises Problem("bad_frame") for what hides or reverses what is read."""
    tidy = " ".join(text.split())
    if not tidy.isprintable():
        raise Problem("bad_frame", "The text holds characters that cannot be shown.")
    return tidy
