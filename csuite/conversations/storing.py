"""Stores an opened turn: question, answers, turn and conversation in one statement.

This runs before the first token of every answer: the ORM takes four statements and three times the CPU for it. A column
that gets no default in the database must be added here; every test that opens a turn says so.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import connection

from csuite.conversations import notices
from csuite.conversations.models import Conversation, Message, Turn

STORE = """
WITH said AS (
  INSERT INTO conversations_message (
    id, tenant_id, conversation_id, turn_id, parent_id, continues_id, kind, role, persona, status, text, position,
    html, provider, model, prompt_version, note, error_code, finish_reason, evidence, data_age, estimated, currency,
    cache, created_at)
  SELECT id, %(tenant)s, %(conversation)s, turn_id, parent_id, continues_id, kind, role, persona, status, text,
    position, '', '', '', '', '', '', '', '[]', '{}', false, 'USD', 'off', clock_timestamp()
  FROM json_to_recordset(%(messages)s::json) AS m(id uuid, turn_id uuid, parent_id uuid, continues_id uuid, kind text,
    role text, persona text, status text, text text, position int)
), opened AS (
  INSERT INTO conversations_turn (
    id, tenant_id, conversation_id, user_id, client_id, fingerprint, kind, status, number, question_id, runner,
    heartbeat_at, started_at, last_seq, created_at)
  VALUES (%(turn)s, %(tenant)s, %(conversation)s, %(user)s, %(client)s, %(fingerprint)s, %(kind)s, %(status)s,
    %(number)s, %(question)s, %(runner)s::uuid, CASE WHEN %(runner)s::uuid IS NOT NULL THEN now() END,
    CASE WHEN %(runner)s::uuid IS NOT NULL THEN now() END, -1, now())
), touched AS (
  UPDATE conversations_conversation
  SET shown = %(shown)s::jsonb, title = %(title)s, personas = %(personas)s::jsonb, updated_at = now()
  WHERE tenant_id = %(tenant)s AND id = %(conversation)s
)
SELECT pg_notify(%(channel)s, %(notice)s)
"""
FIELDS = ("id", "turn_id", "parent_id", "continues_id", "kind", "role", "persona", "status", "text", "position")


def store(conversation: Conversation, turn: Turn, messages: Sequence[Message], notice: str) -> None:
    """`messages` are the new ones, the question first; `turn.runner` None means that it waits."""
    rows = [{field: getattr(message, field) for field in FIELDS} for message in messages]
    values: dict[str, Any] = {
        "tenant": conversation.tenant_id,
        "conversation": conversation.id,
        "messages": orjson.dumps(rows).decode(),
        "turn": turn.id,
        "user": turn.user_id,
        "client": turn.client_id,
        "fingerprint": turn.fingerprint,
        "kind": turn.kind,
        "status": turn.status,
        "number": turn.number,
        "question": turn.question_id,
        "runner": turn.runner,
        "shown": orjson.dumps(conversation.shown).decode(),
        "title": conversation.title,
        "personas": orjson.dumps(conversation.personas).decode(),
        "channel": notices.CHANNEL,
        "notice": notice,
    }
    with connection.cursor() as cursor:
        cursor.execute(STORE, values)
