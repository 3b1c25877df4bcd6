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


def reconcile(
    journal: Iterable[Entry], rows: Iterable[LedgerEntry], question_of: Mapping[UUID, str], shown: Mapping[UUID, str]
) -> Counter[str]:
    """How many requests were compared how. Raises AssertionError where the two sides differ.

    question_of: message id -> the mark of its question; shown: message id -> the text of its answer.
    """
    entries = {f"req_fake_{entry['number']}": entry for entry in journal}
    rows = list(rows)
    written = {row.message: row.id for row in sorted(rows, key=lambda row: row.number)}  # the last attempt's words
    shown = {written[message]: text for message, text in shown.items() if message in written}
    rows = [row for row in rows if row.provider != "analyst"]  # which asks nobody
    told: Counter[str] = Counter()
    without: dict[str, list[LedgerEntry]] = defaultdict(list)
    for row in rows:
        if row.request_id:
            told[compare(row, entries.pop(row.request_id), shown)] += 1  # pop: each request is booked once
        else:
            without[question_of[row.message]].append(row)  # type: ignore[index]
    for entry in entries.values():
        mine = without[mark_of(entry["body"]["messages"][-1]["content"])]
        prompt = entry["prompt"] if billed(entry) else None
        found = next((row for row in mine if row.prompt_tokens == prompt), None)
        assert found is not None, f"request {entry['number']} ({entry['outcome']} {entry['fault']}) is in no ledger row"
        mine.remove(found)
        told[compare(found, entry, shown)] += 1
    for row in [row for mine in without.values() for row in mine]:
        # Killed between the note of the attempt and its request, a millisecond later.
        assert (row.error_kind, row.completion_tokens, row.estimated) == ("cancelled", 0, True), row
        told["not sent"] += 1
    return told


def billed(entry: Entry) -> bool:
    """Whether a provider would charge for it: one that has refused, or reset before it answered, would not."""
    return bool(entry["status"] == 200 and entry["fault"] != "gone")


def compare(row: LedgerEntry, entry: Entry, shown: Mapping[UUID, str]) -> str:
    """`shown`: ledger id -> the text that this attempt has shown. Raises AssertionError; gives how they compared."""
    if not billed(entry):
        assert [row.prompt_tokens, row.completion_tokens, row.cost] == [None, None, 0], row
        return "refused"
    assert row.prompt_tokens == entry["prompt"], (row.prompt_tokens, entry)
    if not row.error_kind:
        assert (row.completion_tokens, entry["outcome"]) == (entry["tokens"], "finished")
        return "whole"
    assert row.completion_tokens is not None
    if entry["fault"] in SENT_AND_RECEIVED and entry["outcome"] == "faulted":
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
