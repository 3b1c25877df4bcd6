"""`manage.py fill_rollups [--rebuild]`: sums the ledger by hour and day. Beat does it every minute."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from csuite.analytics.rollups import rebuilding


class Command(BaseCommand):
    help = "Fills the rollups: what is due, or everything anew. May be ended and started again at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="build everything from the ledger again")

    def handle(self, *args: Any, rebuild: bool, **options: Any) -> None:
        begun = time.monotonic()
        if rebuild:
            rebuilding.forget()
        days, hours = rebuilding.run()
        self.stdout.write(f"{days} days built, {hours} due hours filled in {time.monotonic() - begun:.1f} s")
