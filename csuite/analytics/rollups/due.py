"""What all SQL of rollups shares: which cells are due, and how long each span is."""

from csuite.analytics.rollups.measures import DAY, HOUR, MONTH

LENGTH = {HOUR: "1 hour", DAY: "24 hours", MONTH: "1 month"}
BELOW = {DAY: HOUR, MONTH: DAY}

# Parameters of every statement: %(tenants)s and %(times)s, two arrays of one length: the cells that are due.
DUE = "due AS (SELECT * FROM unnest(%(tenants)s::uuid[], %(times)s::timestamptz[]) AS d (tenant_id, at))"

# Keeps PostgreSQL from joining whole companies by hash and comparing all their times, which takes hours where the
# index takes milliseconds: each due cell is one look into the index.
FENCE = "OFFSET 0"
