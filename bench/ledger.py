"""`python -m bench.ledger ROWS`: a ledger of so many rows over the last 24 months, made by the database itself.

Twenty companies; the first has a third of all calls. Prices, errors, personas, models and deals are spread like those
of real use, and rows are written in order of time, as the product does. What was in the ledger is gone afterwards.
"""

import os
import sys
import time

import django
from django.db import connections

COMPANIES = 20
BATCH = 500_000
MONTHS = 24

INSERT = """
INSERT INTO ledger (id, tenant_id, created_at, started_at, "user", conversation, message, turn, deal, persona, task,
  kind, prompt_version, experiment, provider, model, tier, number, fallback, request_id, prompt_tokens,
  completion_tokens, cached_tokens, cached_apart, estimated, cache, cost, currency, price_version, ttft_ms, total_ms,
  finish_reason, error_kind, json_valid)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8'
  || substr(md5(i::text), 4, 15))::uuid, t.ids[1 + n], at, at, md5('user' || n || '-' || (h %% 40))::uuid,
  NULL, NULL, NULL,
  CASE WHEN h %% 4 = 0 THEN md5('deal' || n || '-' || (h %% 300))::uuid END,
  (ARRAY['cfo', 'ceo', 'cmo', 'cto', ''])[1 + h %% 5],
  (ARRAY['chat', 'chat', 'deal', 'writer', 'synthesis'])[1 + h / 7 %% 5],
  (ARRAY['answer', 'answer', 'plan', 'check'])[1 + h / 11 %% 4],
  (ARRAY['cfo', 'ceo', 'cmo', 'cto', ''])[1 + h %% 5] || '/' || (1 + h %% 3),
  '', (ARRAY['openai', 'groq', 'mistral', 'fireworks'])[1 + m %% 4], 'model-' || m,
  (ARRAY['fast', 'smart'])[1 + m %% 2], 1,
  h %% 50 = 0, '', 200 + h %% 3000, CASE WHEN bad THEN NULL ELSE 20 + h %% 700 END, h %% 500, false, h %% 30 = 0, '',
  CASE WHEN m = 5 AND h %% 100 = 0 THEN NULL ELSE (h %% 9973)::numeric / 1000000 END, 'USD', 'row 1',
  CASE WHEN NOT bad THEN 120 + h %% 2400 END, 400 + h %% 9000, CASE WHEN bad THEN '' ELSE 'stop' END,
  CASE WHEN bad THEN (ARRAY['timeout', 'rate_limit', 'overloaded', 'cancelled'])[1 + h %% 4] ELSE '' END,
  CASE WHEN h %% 5 = 0 THEN h %% 200 <> 0 END
FROM (SELECT array_agg(id ORDER BY slug) AS ids FROM tenants_tenant WHERE slug LIKE 'bench-%%') t,
LATERAL (SELECT i, hashint8(i) & 2147483647 AS h FROM generate_series(%s::bigint, %s::bigint) i) g,
LATERAL (SELECT CASE WHEN h %% 3 = 0 THEN 0 ELSE h / 3 %% %s END AS n, h / 13 %% 6 AS m, h %% 33 = 1 AS bad,
  now() - make_interval(months => %s) * (1 - i::float8 / %s) AS at) x
"""
# Marks of hours (everything is summed afterwards), references and indexes: (how each goes, how it comes back).
SET_ASIDE = """
SELECT 'ALTER TABLE ledger DISABLE TRIGGER USER', 'ALTER TABLE ledger ENABLE TRIGGER USER'
UNION ALL SELECT format('ALTER TABLE ledger DROP CONSTRAINT %I', conname),
  format('ALTER TABLE ledger ADD CONSTRAINT %I %s', conname, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE conrelid = 'ledger'::regclass AND contype = 'f'
UNION ALL SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
  FROM pg_index WHERE indrelid = 'ledger'::regclass AND NOT indisunique
"""


def make(rows: int) -> float:
    """Returns the seconds. As the owner, who may empty the ledger and set aside what costs every single row."""
    from csuite.tenants.models import Tenant

    begun = time.monotonic()
    for n in range(COMPANIES):
        Tenant.objects.get_or_create(slug=f"bench-{n:02}", defaults={"name": f"Company {n}"})
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT set_config('app.platform', 'on', false), set_config('synchronous_commit', 'off', false)")
        cursor.execute("TRUNCATE ledger, cost_correction, recalculation, rollup_due")
        cursor.execute(SET_ASIDE)
        aside = cursor.fetchall()
        for away, _ in aside:
            cursor.execute(away)
        for first in range(0, rows, BATCH):
            cursor.execute(INSERT, [first + 1, min(first + BATCH, rows), COMPANIES, MONTHS, rows])
        for _, back in aside:
            cursor.execute(back)
    return time.monotonic() - begun


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")
    django.setup()
    print(f"{make(int(sys.argv[1])):.1f} s")
