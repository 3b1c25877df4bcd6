"""The circuits of providers (csuite/providers/state.py). No model: only its own statements read and write it."""

from django.db import migrations

CREATE = """
CREATE UNLOGGED TABLE circuit (
    provider varchar(100) PRIMARY KEY,
    failures timestamptz[] NOT NULL DEFAULT '{}',
    kind varchar(40) NOT NULL DEFAULT '',
    mark varchar(40) NOT NULL DEFAULT '',
    open_until timestamptz,
    token varchar(40) NOT NULL DEFAULT '',
    lease_until timestamptz,
    decision varchar(40) NOT NULL DEFAULT ''
)
"""


class Migration(migrations.Migration):
    dependencies = [("providers", "0002_registry")]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE circuit")]
