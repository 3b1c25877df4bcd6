"""`python -m bench.asker <way> <base url> <model>`: whole calls of csuite.llm; takes orders (orders.py).

Ways: `csuite` meters into nothing; `messages` the same to Anthropic; `ledger` runs with the product's settings: its
meter, prices and rows in the database of the environment. All price every call.
"""

import os
import sys
from contextlib import aclosing

from bench.orders import MESSAGES, Ask, serve, tokens_in
from csuite import llm
from csuite.llm.call import Call, Message


def asker(call: Call) -> Ask:
    async def ask(streamed: bool) -> int:
        if not streamed:
            return tokens_in((await llm.complete(call)).text)
        tokens = 0
        async with aclosing(llm.stream(call)) as events:
            async for event in events:
                if isinstance(event, llm.Delta):
                    tokens += tokens_in(event.text)
        return tokens

    return ask


def _tenant() -> str:
    import django

    django.setup()
    from csuite.tenants.models import Tenant

    return str(Tenant.objects.get(slug="northwind").id)


def main(way: str, url: str, model: str) -> None:
    provider = "anthropic" if way == "messages" else "openai"
    os.environ |= {f"{provider.upper()}_API_KEY": "bench", f"{provider.upper()}_BASE_URL": url}
    if way == "ledger":
        os.environ |= {"DJANGO_SETTINGS_MODULE": "csuite.settings", "DATABASE_POOL": "1"}  # as the web process
    labels = {"tenant": _tenant() if way == "ledger" else "bench", "kind": "answer"}
    (_, system), (_, question) = MESSAGES
    messages = (Message("system", system), Message("user", question))
    serve(asker(Call(messages=messages, labels=labels, route=f"{provider}/{model}")))


if __name__ == "__main__":
    main(*sys.argv[1:])
