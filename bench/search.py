"""Search over 10,000 conversations of one person: `--only search`. Through Django, as the web role, policies in force.

The database is one of its own; `python -m bench.search` fills and measures it and prints one JSON object.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from random import Random
from typing import Any

from bench.stage import ROOT, database
from bench.usage import asked, spread

TALKS, OTHERS, TURNS = 10_000, 20_000, 2  # of the person, of her colleagues; questions with an answer in each
WORDS = 4000  # in the vocabulary; the first ones are in nearly everything
ASKED = {
    "rare word": "w3987",
    "common word": "w1",
    "prefix of many": "w39",
    "two words": "w12 w340",
    "three common words": "w1 w2 w3",
    "a name": "northwind",
    "nothing": "zzzz",
    "filtered": "w40&persona=cfo&in=active",
}


def search(say: Callable[[str], None]) -> dict[str, Any]:
    """Full-text search of titles and messages, at 10,000 conversations of who asks."""
    with database() as environment:
        command = [sys.executable, "-m", "bench.search"]
        done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def search_lines(found: dict[str, Any]) -> list[str]:
    """One line per kind of question, milliseconds of the whole request."""
    head = f"search: {found['conversations']:,} conversations, {found['entries']:,} titles and messages (p95 < 200 ms)"
    return [head, *(f"  {name:<20} p50 {t['p50']:>7} ms   p95 {t['p95']:>7} ms" for name, t in found["ms"].items())]


def fill() -> Any:
    """The person and her company; answers the person."""
    from django.utils import timezone

    from csuite.conversations.models import Conversation, Message
    from csuite.tenants.models import Membership, Role, Tenant, User
    from csuite.tenants.scope import tenant_scope

    tenant = Tenant.objects.create(name="Bench", slug="bench-search")
    people = [User.objects.create(email=f"search{n}@bench.example") for n in range(5)]
    for user in people:
        Membership.objects.create(user=user, tenant=tenant, role=Role.EXECUTIVE)
    draw, now = Random(7), timezone.now()

    def text(words: int) -> str:
        return " ".join(f"w{min(WORDS, int(draw.paretovariate(0.7)))}" for _ in range(words))

    for start in range(0, TALKS + OTHERS, 500):
        owner = people[0] if start < TALKS else people[1 + start % 4]
        with tenant_scope(tenant.id):
            talks = [
                Conversation(tenant=tenant, user=owner, title=text(5), personas=["cfo"], updated_at=now)
                for _ in range(500)
            ]
            talks[0].title = "Northwind renewal"
            Conversation.objects.bulk_create(talks)
            said = []
            for talk in talks:
                parent = None
                for turn in range(2 * TURNS):
                    kind, length = ("answer", 160) if turn % 2 else ("question", 15)
                    parent = Message(tenant=tenant, conversation=talk, parent=parent, kind=kind, text=text(length))
                    said.append(parent)
            Message.objects.bulk_create(said, batch_size=2000)
    return people[0]


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")
    django.setup()
    from django.conf import settings
    from django.db import connections
    from django.test import Client

    settings.ALLOWED_HOSTS.append("testserver")  # how Django's clients call us
    person = fill()
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("SELECT count(*) FROM conversations_searchentry")
        (entries,) = cursor.fetchone()
    client = Client(headers={"accept": "application/json"})
    client.force_login(person)
    times = {name: spread(asked(client, f"/search/?q={query}", rounds=30)) for name, query in ASKED.items()}
    print(json.dumps({"conversations": TALKS, "entries": entries, "ms": times}))


if __name__ == "__main__":
    main()
