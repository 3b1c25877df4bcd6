"""The fixture `fake_provider`: import it into a conftest.py."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fake_provider.server import FakeProvider, running


@pytest_asyncio.fixture
async def fake_provider() -> AsyncIterator[FakeProvider]:
    """A provider in this process; `fake_provider.row("fake-20t-xcut")` is its row for settings.LLM["PROVIDERS"]."""
    async with running() as fake:
        yield fake
