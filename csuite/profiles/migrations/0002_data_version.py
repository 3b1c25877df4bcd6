"""A version of each tenant's data, moved on by triggers.

Within a tenant's scope the statement moves it *before* it touches a row: so every writer of a tenant takes that lock
first, and no two can wait for each other. Across tenants (the platform, the owner) nobody knows before who is
touched; there the transition tables say it after. The sequence never gives a number twice, not even after a rollback,
so a number names one state of the data for good. Only UPDATE, never INSERT, from a change: deleting a tenant deletes
its row too, in any order.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

TABLES = [f"profiles_{name}" for name in ("businessprofile", "goal", "metric", "metricpoint", "metriccause", "insight")]
IN_A_SCOPE = "coalesce(current_setting('app.tenant', true), '') <> ''"
NUMBER = "nextval('profiles_dataversion_number')"
MOVE = f"UPDATE profiles_dataversion SET number = {NUMBER}"  # noqa: S608 - constants only
MAKE = "INSERT INTO profiles_dataversion (id, tenant_id, number) VALUES"
OWNED = "SELECT tenant_id FROM profiles_metric WHERE owner_id = NEW.id"


def _across_tenants(name: str, work: str) -> str:
    """A trigger function that sees every tenant's version. (A SET clause would need a superuser.)"""
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('app.platform', true), '');
BEGIN
    PERFORM set_config('app.platform', 'on', true);
    {work};
    PERFORM set_config('app.platform', before, true);
    RETURN NULL;
END $$;
"""


FUNCTIONS = f"""
CREATE SEQUENCE profiles_dataversion_number;

CREATE FUNCTION profiles_data_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE profiles_dataversion SET number = {NUMBER} WHERE tenant_id = current_setting('app.tenant')::uuid;
    RETURN NULL;
END $$;
{_across_tenants("profiles_data_changed", MOVE + " WHERE tenant_id IN (SELECT tenant_id FROM changed)")}
{_across_tenants("profiles_tenant_changed", f"{MOVE} WHERE tenant_id = NEW.id")}
{_across_tenants("profiles_tenant_made", f"{MAKE} (gen_random_uuid(), NEW.id, {NUMBER})")}
{_across_tenants("profiles_person_renamed", f"{MOVE} WHERE tenant_id IN ({OWNED})")}
CREATE TRIGGER data_version AFTER INSERT ON tenants_tenant
    FOR EACH ROW EXECUTE FUNCTION profiles_tenant_made();
CREATE TRIGGER data_version_changed AFTER UPDATE ON tenants_tenant FOR EACH ROW
    WHEN ((OLD.name, OLD.currency) IS DISTINCT FROM (NEW.name, NEW.currency))
    EXECUTE FUNCTION profiles_tenant_changed();
CREATE TRIGGER data_version AFTER UPDATE ON tenants_user FOR EACH ROW
    WHEN ((OLD.name, OLD.email) IS DISTINCT FROM (NEW.name, NEW.email))
    EXECUTE FUNCTION profiles_person_renamed();

INSERT INTO profiles_dataversion (id, tenant_id, number) SELECT gen_random_uuid(), id, {NUMBER} FROM tenants_tenant;
"""  # noqa: S608 - constants only

UNDO = """
DROP TRIGGER data_version ON tenants_user;
DROP TRIGGER data_version_changed ON tenants_tenant;
DROP TRIGGER data_version ON tenants_tenant;
DROP FUNCTION profiles_person_renamed, profiles_tenant_made, profiles_tenant_changed, profiles_data_changed, profiles_data_changes;
DROP SEQUENCE profiles_dataversion_number;
"""


def _triggers(table: str) -> str:
    after = "\n".join(
        f"CREATE TRIGGER data_version_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} TABLE AS changed"
        f" FOR EACH STATEMENT WHEN (NOT ({IN_A_SCOPE})) EXECUTE FUNCTION profiles_data_changed();"
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    )
    return (
        f"CREATE TRIGGER data_version BEFORE INSERT OR UPDATE OR DELETE ON {table}"
        f" FOR EACH STATEMENT WHEN ({IN_A_SCOPE}) EXECUTE FUNCTION profiles_data_changes();\n{after}"
    )


def _without(table: str) -> str:
    names = ("data_version", "data_version_insert", "data_version_update", "data_version_delete")
    return "\n".join(f"DROP TRIGGER {name} ON {table};" for name in names)


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_initial"), ("tenants", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="DataVersion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tenants.tenant"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=["tenant"], name="data_version_once")],
            },
        ),
        migrations.RunSQL(FUNCTIONS, UNDO),
        *(migrations.RunSQL(_triggers(table), _without(table)) for table in TABLES),
    ]
