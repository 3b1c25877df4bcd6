"""python -m tests.fake_provider --port N; prints its address when it answers."""

import argparse
import asyncio
import contextlib
import sys

from tests.fake_provider.server import FakeProvider


async def main(port: int) -> None:
    fake = FakeProvider()
    await fake.start(port)
    sys.stdout.write(f"{fake.url}\n")
    sys.stdout.flush()
    await fake.serve()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A model provider on loopback for tests and the bench.")
    parser.add_argument("--port", type=int, default=9000, help="0 takes a free one")
    port = parser.parse_args().port
    with contextlib.suppress(KeyboardInterrupt):
        try:
            import uvloop
        except ImportError:
            asyncio.run(main(port))
        else:
            uvloop.run(main(port))
