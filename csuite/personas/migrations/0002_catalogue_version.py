"""A version of the catalogue, moved on by triggers: see profiles 0002, whose reasons hold here too."""

from django.db import migrations, models

TABLES = ("personas_persona", "personas_promptversion")

FUNCTION = """
CREATE SEQUENCE personas_catalogueversion_number;

CREATE FUNCTION personas_catalogue_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO personas_catalogueversion (id, number) VALUES (1, nextval('personas_catalogueversion_number'))
        ON CONFLICT (id) DO UPDATE SET number = nextval('personas_catalogueversion_number');
    RETURN NULL;
END $$;

INSERT INTO personas_catalogueversion (id, number) VALUES (1, nextval('personas_catalogueversion_number'));
"""

UNDO = """
DROP FUNCTION personas_catalogue_changes;
DROP SEQUENCE personas_catalogueversion_number;
"""


class Migration(migrations.Migration):
    dependencies = [("personas", "0001_initial"), ("profiles", "0002_data_version")]

    operations = [
        migrations.CreateModel(
            name="CatalogueVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(FUNCTION, UNDO),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER catalogue_version BEFORE INSERT OR UPDATE OR DELETE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION personas_catalogue_changes()",
                f"DROP TRIGGER catalogue_version ON {table}",
            )
            for table in TABLES
        ),
    ]
