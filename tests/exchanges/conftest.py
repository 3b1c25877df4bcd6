"""What providers really sent, through everything: as in tests/llm, in a folder of its own because it takes longer."""

from tests.llm.conftest import meter, transport

__all__ = ["meter", "transport"]
