"""The provider's journal against our ledger, request by request: nothing is free, nothing is invented.

Each question carries a mark ("[q17]"), by which a row without the provider's id (its process was killed, or it was
refused) finds its request. Both sides count four characters a token.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from csuite.analytics.models import LedgerEntry

MARK = re.compile(r"\[q\d+\]")
SENT_AND_RECEIVED = ("fin", "errchunk", "errgroq", "malformed")  # the provider ended it, and nothing was on its way
Entry = Mapping[str, Any]


def mark_of(text: str) -> str:
    found = MARK.search(text)
    assert found, text
    return found[0]


def asked_in(entry: Entry) -> str:
    """The mark of the question that a request is about; a synthesis has it in its first message."""
    return mark_of("\n".join(message["content"] for message in reversed(entry["body"]["messages"])))


def reconcile(
    journals: Mapping[str, Iterable[Entry]],
    rows: Iterable[LedgerEntry],
    question_of: Mapping[UUID, str],
    shown: Mapping[UUID, str],
) -> Counter[str]:
    """How many requests were compared how. Raises AssertionError where the two sides differ.

    journals: of each provider; question_of: message id -> the mark of its question; shown: message id -> the text of
    its answer.
    """
    entries = {(name, f"req_fake_{entry['number']}"): entry for name in journals for entry in journals[name]}
    rows = list(rows)
    written = {row.message: row.id for row in sorted(rows, key=lambda row: row.number)}  # the last attempt's words
    shown = {written[message]: text for message, text in shown.items() if message in written}
    rows = [row for row in rows if row.provider != "analyst"]  # which asks nobody
    told: Counter[str] = Counter()
    without: dict[tuple[str, str], list[LedgerEntry]] = defaultdict(list)
    for row in rows:
        if row.request_id:
            told[compare(row, entries.pop((row.provider, row.request_id)), shown)] += 1  # each request is booked once
        else:
            without[row.provider, question_of[row.message]].append(row)  # type: ignore[index]
    for (provider, _), entry in entries.items():
        mine = without[provider, asked_in(entry)]
        prompt = entry["prompt"] if billed(entry) else None
        found = next((row for row in mine if row.prompt_tokens == prompt), None)
        if found is None and prompt is None:  # we were killed before we had heard that it was refused
            unheard = next(row for row in mine if (row.error_kind, row.completion_tokens) == ("cancelled", 0))
            mine.remove(unheard)
            told["refused unheard"] += 1
            continue
        assert found is not None, f"request {entry['number']} ({entry['outcome']} {entry['fault']}) is in no ledger row"
        mine.remove(found)
        told[compare(found, entry, shown)] += 1
    for row in [row for mine in without.values() for row in mine]:
        if row.prompt_tokens is None:  # the connection was refused
            assert row.error_kind == "connection" and not row.cost, row.error_kind  # noqa: PT018 - one statement
            told["refused"] += 1
            continue
        # Stopped or killed between the note of the attempt and its request, a millisecond later.
        assert (row.error_kind, row.completion_tokens, row.estimated) == ("cancelled", 0, True), row.error_kind
        told["not sent"] += 1
    return told


def billed(entry: Entry) -> bool:
    """Whether a provider would charge for it: one that has refused, or reset before it answered, would not."""
    died_first = entry["fault"] == "killed" and not entry["stream"]
    return bool(entry["status"] == 200 and entry["fault"] != "gone" and not died_first)


def compare(row: LedgerEntry, entry: Entry, shown: Mapping[UUID, str]) -> str:
    """`shown`: ledger id -> the text that this attempt has shown. Raises AssertionError; gives how they compared."""
    if not billed(entry):
        assert [row.prompt_tokens, row.completion_tokens, row.cost] == [None, None, 0], row
        return "refused"
    if not row.error_kind:
        counted = {"prompt_tokens": entry["prompt"], "completion_tokens": entry["tokens"]}
        said = entry["usage"] or counted
        assert (row.prompt_tokens, row.completion_tokens) == (said["prompt_tokens"], said["completion_tokens"])
        assert (row.estimated, entry["outcome"]) == (entry["usage"] is None, "finished")
        return "whole"
    assert row.prompt_tokens == entry["prompt"], (row.prompt_tokens, entry)
    assert row.completion_tokens is not None
    # A process that was killed had not read to its end what was sent.
    if entry["fault"] in SENT_AND_RECEIVED and entry["outcome"] == "faulted" and row.error_kind != "cancelled":
        assert row.completion_tokens == entry["tokens"], (row.completion_tokens, entry)
        return "cut by the provider"
    # We left: what was shown was paid, and no more than was sent.
    seen = -(-len(shown.get(row.id, "")) // 4)
    assert seen <= row.completion_tokens <= entry["tokens"], (seen, row.completion_tokens, entry)
    if not row.request_id and row.error_kind == "cancelled":
        assert row.completion_tokens == seen
        return "killed" if row.completion_tokens else "killed or stopped before a word"
    return "stopped" if entry["outcome"] != "faulted" else "reset by the provider"


def cost_of(rows: Iterable[LedgerEntry]) -> Decimal:
    return sum((row.cost or Decimal(0) for row in rows), Decimal(0))
