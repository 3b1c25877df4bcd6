"""Deals: their measures weighted by their chances, and several together."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge
from csuite.personas.evidence.quantities import Quantity
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate
from csuite.profiles import arithmetic, formatting


def deals(query: Query, known: Knowledge) -> Iterator[Candidate]:
    for entity in query.entities:
        measures = known.of_entity.get(entity, ()) if entity.startswith("deal:") else ()
        amounts = [one for one in measures if one.unit == "currency"]
        chances = [one for one in measures if one.unit == "percent"]
        if query.says("weighted"):
            yield from (_weighted(amount, chance) for amount in amounts for chance in chances)
    if query.says("total", "share", "difference"):
        yield from _together(query, known)


def _weighted(amount: Quantity, chance: Quantity) -> Candidate:
    value, share = amount.at(amount.newest), chance.at(chance.newest)
    assert value is not None
    assert share is not None
    worth = value * share / 100
    told = f"{amount.show(value)} × {chance.show(share)} = {amount.show(worth)}"
    return Candidate(worth, "currency", amount.metric, None, told, (amount.id, chance.id))


def _together(query: Query, known: Knowledge) -> Iterator[Candidate]:
    for metric, quantities in known.quantities.items():
        if not metric.startswith("deal:") or quantities[0].unit != "currency":
            continue
        named = [one for one in quantities if one.entity in query.entities] if len(query.entities) > 1 else []
        for some in (quantities, named):
            values = [value for one in some if (value := one.at(one.newest)) is not None]
            if len(values) < 2:
                continue
            whole = arithmetic.total(values)
            told = f"{' + '.join(some[0].show(value) for value in values)} = {some[0].show(whole)}"
            yield Candidate(whole, "currency", metric, None, told, tuple(one.id for one in some))
            for one in quantities:
                if one.entity in query.entities and (value := one.at(one.newest)) is not None and whole:
                    share = value / whole * 100
                    told = f"{one.show(value)} ÷ {one.show(whole)} = {formatting.percent(share)}"
                    yield Candidate(share, "percent", metric, None, told, tuple(each.id for each in some))
