"""Running a command beside a fake provider in a process of its own."""

import json
import urllib.request
from io import StringIO

from django.core.management import call_command


def say(url: str, *answers: str) -> None:
    """The next answers of the fake provider."""
    body = json.dumps({"answers": [{"text": text} for text in answers]}).encode()
    request = urllib.request.Request(url.removesuffix("/v1") + "/script", body, method="POST")
    urllib.request.urlopen(request).close()


def ran(name: str, *args: str) -> tuple[int, str]:
    """The exit code of a command, and what it wrote."""
    out = StringIO()
    try:
        call_command(name, *args, stdout=out)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue()
    return 0, out.getvalue()
