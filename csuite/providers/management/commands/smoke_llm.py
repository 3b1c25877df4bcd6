"""manage.py smoke_llm: five standard prompts to the model in use. Exit code 1 if one is not answered well."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from csuite.providers.trying import STANDARD, run


class Command(BaseCommand):
    help = "Ask five standard prompts: each must be answered, as JSON where asked, within 5 seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--route", help="provider or provider/model; else whoever answers")

    def handle(self, *args: Any, route: str | None = None, **options: Any) -> None:
        failed = 0
        for trial in STANDARD:
            said = run(trial, route, kind="smoke")
            failed += bool(said.why)
            self.stdout.write(
                f"{'FAILED' if said.why else 'ok':7} {said.name}: {said.model}, {said.seconds:.1f} s {said.why}"
            )
        if failed:
            self.stdout.write(f"{failed} of {len(STANDARD)} failed")
            sys.exit(1)
