"""`python -m bench.ledger ROWS`: rows of a ledger over the last 24 months, made by the database itself.

Twenty companies; the first has a third of all calls. Prices, errors, personas, models and deals are spread like those
of real use. Run again with a larger number it adds what is missing, over the same months.
"""

import os
import sys
import time

import django
from django.db import connection

COMPANIES = 20
BATCH = 500_000
MONTHS = 24

INSERT = """
INSERT INTO ledger (id, tenant_id, created_at, started_at, "user", conversation, message, turn, deal, persona, task,
  kind, prompt_version, experiment, provider, model, tier, number, fallback, request_id, prompt_tokens,
  completion_tokens, cached_tokens, cached_apart, estimated, cache, cost, currency, price_version, ttft_ms, total_ms,
  finish_reason, error_kind, json_valid)
SELECT gen_random_uuid(), t.ids[1 + n], at, at, md5('user' || n || '-' || (h %% 40))::uuid, NULL, NULL, NULL,
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
  date_trunc('day', now()) - make_interval(months => %s) + (i %% %s) * ((now() - (date_trunc('day', now())
  - make_interval(months => %s))) / %s) AS at) x
"""


def make(rows: int) -> float:
    """Adds what is missing to that many rows. Returns the seconds."""
    from csuite.tenants.models import Tenant
    from csuite.tenants.scope import platform_scope

    begun = time.monotonic()
    for n in range(COMPANIES):
        Tenant.objects.get_or_create(slug=f"bench-{n:02}", defaults={"name": f"Company {n}"})
    with platform_scope("bench"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ledger l JOIN tenants_tenant t ON t.id = l.tenant_id AND t.slug LIKE 'bench-%'"
        )
        (there,) = cursor.fetchone()
    while there < rows:
        end = min(there + BATCH, rows)
        with platform_scope("bench"), connection.cursor() as cursor:
            size = end - there
            cursor.execute(INSERT, [there + 1, end, COMPANIES, MONTHS, size, MONTHS, size])
        there = end
    return time.monotonic() - begun


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csuite.settings")
    django.setup()
    print(f"{make(int(sys.argv[1])):.1f} s")
