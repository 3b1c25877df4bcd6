"""A figure that stands in a text of the facts: an insight, a cause, the profile, what the server worked out."""

from collections.abc import Iterator

from csuite.personas.evidence.knowledge import Knowledge, Told, content
from csuite.personas.evidence.naming import words
from csuite.personas.evidence.query import Query
from csuite.personas.evidence.records import Candidate


def told(query: Query, known: Knowledge) -> Iterator[Candidate]:
    about = content(query.text)
    following = frozenset(words(query.following)[:3])
    for found in known.told_of(query.figure):
        if found.figure.kind in (query.figure.kind, *query.kinds) and _same(query, found, about, following):
            if found.figure.currency not in ("", query.figure.currency):
                continue
            yield Candidate(
                found.figure.readings[0].value,
                query.figure.kind if query.figure.kind != "bare" else "count",
                found.metric,
                None,
                "",
                (found.id,),
                as_of=found.as_of,
            )


def _same(query: Query, found: Told, about: frozenset[str], following: frozenset[str]) -> bool:
    """The texts speak of the same: two words of content, or one and the word behind the figure."""
    shared = len(about & found.words)
    named = (*query.entities, *query.all_entities)
    if found.entity and named and found.entity not in named:
        return False
    if query.own_named and found.periods and not query.has("from"):
        spans = {span for named in found.periods for span in named.spans}
        if spans and not spans & set(query.own):
            return False
    beside = found.following in following
    if query.figure.spelled and query.figure.kind == "bare":
        return shared >= 1 and beside
    return shared >= 2 or (shared == 1 and beside)
