#!/usr/bin/env python
"""Command line of csuite."""

import os
import sys


def main() -> None:
    if sys.argv[1:] == ["up"]:
        # The supervisor does without Django; loading it here would cost seconds and memory for nothing.
        from csuite.server.up import main as up

        sys.exit(up())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")
    from django.core.management import execute_from_command_line

    from csuite.server.errors import StartError

    try:
        execute_from_command_line(sys.argv)
    except StartError as error:
        sys.exit(f"csuite: {error}")


if __name__ == "__main__":
    main()
