"""What an answer is made of."""

from dataclasses import dataclass

from csuite.personas.analyst.pen import Pen
from csuite.personas.analyst.reading import Reading
from csuite.profiles.records import Facts


@dataclass(frozen=True, slots=True)
class Part:
    """`lead` goes into the first paragraph; `body` are the blocks below it, in order of `rank`.

    `is_excuse`: it says that nothing was found.
    """

    lead: str = ""
    body: tuple[str, ...] = ()
    rank: int = 0
    is_excuse: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """What everybody who writes a part has in front of them."""

    facts: Facts
    reading: Reading
    pen: Pen
    persona: str
