"""A model provider on loopback that does as it is told and remembers what it saw: for tests and for the bench.

It speaks OpenAI's chat completions and Anthropic's Messages (streamed and whole), and embeddings. What it answers is
steered by the model name (steering.py) or by a script (script.py, POST /script); GET /journal tells every request.

    async with running() as fake:      # in this process
        fake.url, fake.journal
    python -m tests.fake_provider --port 9000      # as a process of its own
"""

from tests.fake_provider.journal import Entry
from tests.fake_provider.script import Answer
from tests.fake_provider.server import FakeProvider, refusing, running, running_apart

__all__ = ["Answer", "Entry", "FakeProvider", "refusing", "running", "running_apart"]
