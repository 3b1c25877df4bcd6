"""The stream log is written and emptied all the time: vacuum it early, and never truncate it under its readers."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("conversations", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE conversations_frame SET (vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.02,"
            " autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1)",
            "ALTER TABLE conversations_frame RESET (vacuum_truncate, autovacuum_vacuum_scale_factor,"
            " autovacuum_vacuum_threshold, autovacuum_vacuum_insert_threshold)",
        )
    ]
