"""manage.py check_llm: is everything there that models need? Exit code 1 if there is a problem."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from csuite.providers import trying
from csuite.providers.checklist import Finding
from csuite.providers.checks import configured


class Command(BaseCommand):
    help = "Check keys, models, prices, cache, limits, circuits and budgets; --live asks each provider one word."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--live", action="store_true", help="ask each provider; costs a few tokens")

    def handle(self, *args: Any, live: bool = False, **options: Any) -> None:
        problems = 0
        for finding in (*_found(), *(_pings() if live else ())):
            problems += finding.state == "problem"
            self.stdout.write(f"{finding.state:8} {finding.subject:9} {finding.text}")
        if problems:
            self.stdout.write(f"{problems} problem{'' if problems == 1 else 's'}")
            sys.exit(1)


def _found() -> Iterator[Finding]:
    for path in settings.LLM_CHECKS:
        yield from import_string(path)()


def _pings() -> Iterator[Finding]:
    for row in configured():
        said = trying.ping(row.name)
        text = f"{said.model or row.name}: {said.why or 'answered'} ({said.seconds:.1f} s)"
        yield Finding("problem" if said.why else "ok", "live", text)
