"""`manage.py flags`: where the code asks for flags, and which ones want tidying up. Exits with 1 if any does."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from csuite.tenants import flag_places

TITLES = {
    "without_a_row": "asked for, without a row",
    "unasked": "nobody asks for",
    "expired": "expired",
    "ownerless": "without an owner",
}


class Command(BaseCommand):
    help = "Lists the places in the code that ask for a flag, and the flags that want tidying up."

    def handle(self, *args: Any, **options: Any) -> None:
        for place in flag_places.in_code():
            self.stdout.write(f"{place.name}  {place.path}:{place.line}")
        dead = flag_places.dead()
        lines = [f"{title}: {', '.join(found)}" for name, title in TITLES.items() if (found := getattr(dead, name))]
        for line in lines:
            self.stdout.write(line)
        if lines:
            sys.exit(1)
