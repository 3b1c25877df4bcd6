"""manage.py llm_call: asks models from the command line, one JSON line in, one out; needs no database."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from csuite.llm.lines import answers


class Command(BaseCommand):
    help = "Ask models: one JSON object a line on standard input, one answer a line on standard output."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for answer in answers(sys.stdin.buffer):
            sys.stdout.buffer.write(answer)
            sys.stdout.buffer.flush()
