"""A process of its own that asks the fake provider many times at once: `python -m tests.analytics.asking_apart`.

Reads one JSON object from its standard input, waits for a line there to begin, and prints the outcomes as JSON.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from typing import Any
from uuid import UUID


async def ask_all(job: dict[str, Any]) -> Counter[str]:
    from csuite import llm
    from csuite.llm import conf
    from tests.analytics.money import asking

    async def ask(number: int) -> str:
        persona = job["personas"][number % len(job["personas"])]
        user = job["users"][number % len(job["users"])]
        try:
            await llm.complete(asking(UUID(job["tenant"]), UUID(user), persona))
        except llm.errors.LLMError as error:
            return error.kind
        return "answered"

    row = {"base_url": job["provider"], "key_wanted": False, "model": job["model"]}
    with conf.override(PRIMARY="fake", FALLBACK="", ANALYST="", PROVIDERS={"fake": row}):
        return Counter(await asyncio.gather(*[ask(number) for number in range(job["count"])]))


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "csuite.settings"
    import django

    django.setup()
    job = json.loads(sys.stdin.readline())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write("outcomes " + json.dumps(asyncio.run(ask_all(job))) + "\n")


if __name__ == "__main__":
    main()
