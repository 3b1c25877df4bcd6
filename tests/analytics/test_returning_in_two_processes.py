"""A release that fails is taken back once, though two workers look at once; both go on with the last good one."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE, Popen
from typing import Any

import pytest

from csuite.analytics.alerts.rows import Alert
from csuite.providers.models import Release
from csuite.tenants.models import PlatformAudit
from csuite.tenants.scope import platform_scope
from tests.analytics.test_returning import attempts, current, spring

__all__ = ["spring"]

pytestmark = pytest.mark.django_db(transaction=True)

# For each line on standard input: looks after the release, or says who would be asked first.
WORKER = """
import asyncio, sys
import django
django.setup()
from csuite import llm
from csuite.analytics.returning import watch
from csuite.providers.registry import RowRegistry

registry, call = RowRegistry(), llm.Call(messages=(llm.Message("user", "Why?"),))
for line in sys.stdin:
    if line.strip() == "watch":
        print(">", watch() is not None, flush=True)
    else:
        print(">", asyncio.run(registry.routes(call, None))[0].name, flush=True)
"""
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "csuite.settings",
    "LLM_PRIMARY_PROVIDER": "groq",
    "GROQ_API_KEY": "sk-0123456789",
    "OPENAI_API_KEY": "sk-0123456789",
}
LAST_GOOD, OF_ITS_OWN = "groq/llama-3.3-70b-versatile", "openai/gpt-4.1"


class Worker:
    def __init__(self, process: "Popen[str]") -> None:
        self._process = process

    def begin(self, what: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()

    def said(self) -> str:
        """The next answer; mail goes to standard output too."""
        assert self._process.stdout
        return next(line for line in self._process.stdout if line.startswith(">"))[1:].strip()

    def first(self) -> str:
        self.begin("who")
        return self.said()


@contextmanager
def worker() -> Iterator[Worker]:
    with Popen(
        [sys.executable, "-c", WORKER], stdin=PIPE, stdout=PIPE, text=True, env={**os.environ, **ENVIRONMENT}
    ) as process:
        try:
            yield Worker(process)
        finally:
            process.kill()


def test_two_workers_take_a_release_back_once_with_one_alert_and_both_see_it(cast: Any, spring: Release) -> None:
    with worker() as one, worker() as two:
        assert one.first() == two.first() == OF_ITS_OWN
        attempts(cast, 21, "server_error")
        for process in (one, two):
            process.begin("watch")
        assert sorted((one.said(), two.said())) == ["False", "True"]
        assert one.first() == two.first() == LAST_GOOD
        for process in (one, two):
            process.begin("watch")
        assert (one.said(), two.said()) == ("False", "False")
    assert current() == "1"
    assert PlatformAudit.objects.filter(action="release.reverted").count() == 1
    with platform_scope("test"):
        (alert,) = Alert.objects.filter(rule="release")
    assert (alert.scope, alert.recovered_at) == ("spring", None)
    assert "21 of 21 attempts failed" in alert.text
