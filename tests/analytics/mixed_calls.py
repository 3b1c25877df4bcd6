"""A process of its own that asks two providers in every way: `python -m tests.analytics.mixed_calls`.

Reads one JSON object from its standard input; prints what each answer showed, and what its counters say, as JSON.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from csuite import llm

SPACE = UUID("6d9d5d0e-9f0a-4c6e-9d8f-3f8f5d1e2b7a")
PACED, WHOLE, UNPRICED, UNCOUNTED, OTHER = "fake-12t-4ms", "fake-8t", "fake-7t-new", "fake-9t-nousage", "fake-6t"
WAYS = (
    *["streamed"] * 7, *["whole"] * 2, "cached", *["cancelled"] * 3, *["fallback"] * 2, *["retried"] * 2, "unpriced",
    "uncounted", "cut",
)  # fmt: skip
PINNED = {"cancelled": PACED, "retried": WHOLE, "unpriced": UNPRICED, "uncounted": UNCOUNTED}
NOT_STREAMED = ("whole", "cached", "retried")
AT_ONCE = 30


def way_of(number: int) -> str:
    return WAYS[number % len(WAYS)]


def message_of(number: int) -> UUID:
    """The id of the message that question `number` is booked to."""
    return uuid5(SPACE, str(number))


def labels_of(job: dict[str, Any], number: int) -> dict[str, str]:
    tenants = job["tenants"]
    tenant = tenants[0] if number % 10 else tenants[1]
    users, personas = tenant["users"], job["personas"]
    return {
        "tenant": tenant["id"],
        "user": users[number % len(users)],
        "persona": personas[number % len(personas)],
        "message": str(message_of(number)),
        "turn": str(message_of(number)),
        "kind": "answer",
        **({"deal": str(message_of(number % 5))} if number % 4 == 0 else {}),
    }


async def ask(job: dict[str, Any], number: int, chance: random.Random, shown: dict[str, str]) -> None:
    from csuite import llm

    way = way_of(number)
    call = llm.Call(
        task="chat" if number % 3 else "summarize",
        messages=(llm.Message("user", f"Why did gross margin fall? [q{number}]"),),
        labels=labels_of(job, number),
        max_tokens=50,
        route=f"fake/{PINNED[way]}" if way in PINNED else None,
    )
    try:
        if way in NOT_STREAMED:
            shown[str(message_of(number))] = (await llm.complete(call)).text
        else:
            await read(call, number, chance.randrange(1, 12) if way == "cancelled" else 0, shown)
    except llm.errors.LLMError:
        pass


async def read(call: "llm.Call", number: int, leave_after: int, shown: dict[str, str]) -> None:
    """Reads the stream; leaves after so many pieces, if any."""
    from csuite import llm

    pieces: list[str] = []
    try:
        async with aclosing(llm.stream(call)) as events:
            async for event in events:
                if isinstance(event, llm.Delta):
                    pieces.append(event.text)
                if leave_after and len(pieces) >= leave_after:
                    return
    finally:
        shown[str(message_of(number))] = "".join(pieces)


async def ask_all(job: dict[str, Any]) -> dict[str, str]:
    from csuite.llm import conf

    chance = random.Random(job["first"])
    shown: dict[str, str] = {}
    numbers = iter(range(job["first"], job["count"], job["step"]))

    async def one_after_the_other() -> None:
        for number in numbers:
            await ask(job, number, chance, shown)

    rows = {
        name: {"base_url": job[name], "key_wanted": False, "model": model, "title": name}
        for name, model in (("fake", WHOLE), ("other", OTHER))
    }
    with conf.override(PRIMARY="fake", FALLBACK="other", ANALYST="", PROVIDERS=rows, BREAKER={"failures": 1_000_000}):
        await asyncio.gather(*[one_after_the_other() for _ in range(AT_ONCE)])
        from csuite.analytics import patience

        await asyncio.gather(*patience.running, return_exceptions=True)
    return shown


def counted() -> Iterator[tuple[str, float]]:
    """What this process tells at /metrics."""
    from prometheus_client import REGISTRY

    for family in REGISTRY.collect():
        if family.name.startswith("csuite_llm"):
            for sample in family.samples:
                kind = sample.labels.get("kind", "")
                yield f"{sample.name} {kind}".strip(), sample.value


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "csuite.settings"
    import django

    django.setup()
    job = json.loads(sys.stdin.readline())
    shown = asyncio.run(ask_all(job))
    metrics: dict[str, float] = {}
    for name, value in counted():
        metrics[name] = metrics.get(name, 0.0) + value
    sys.stdout.write("told " + json.dumps({"shown": shown, "metrics": metrics}) + "\n")


if __name__ == "__main__":
    main()
