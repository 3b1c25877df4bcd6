"""`manage.py replay_ledger <file>`: stores the ledger rows that a log holds because they could not be written."""

from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from csuite.analytics.ledger import entries_in, replay


class Command(BaseCommand):
    help = "Stores ledger rows from a log of csuite. May be repeated: a row is never stored twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the log, as it was written")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        stored = known = broken = 0
        with _opened(file) as lines:
            for entry in entries_in(lines):
                if isinstance(entry, str):
                    broken += 1
                    self.stderr.write(entry)
                elif replay(entry):
                    stored += 1
                else:
                    known += 1
        self.stdout.write(f"{stored} rows stored, {known} were there already")
        if broken:
            raise CommandError(f"{broken} broken rows were left out")


def _opened(file: Path) -> TextIO:
    try:
        return file.open(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CommandError(str(error)) from error
