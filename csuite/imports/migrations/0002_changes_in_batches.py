"""What was written is remembered by the batch: a row for each cost as much as the import itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial")]

    operations = [
        migrations.RemoveField("importchange", "row_id"),
        migrations.RemoveField("importchange", "before"),
        migrations.RemoveField("importchange", "after"),
        migrations.AddField("importchange", "rows", models.JSONField(default=list)),
    ]
