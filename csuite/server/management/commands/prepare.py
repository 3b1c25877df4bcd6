"""`manage.py prepare`: bring the database to this code's state; safe to repeat."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from csuite.server import env, lifeline


class Command(BaseCommand):
    help = "Migrate as the owner, then load the demo company into an empty database."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        lifeline.watch()
        try:
            connections["owner"].ensure_connection()
        except OperationalError as error:
            server = connections["owner"].settings_dict["HOST"] or "the embedded server"
            raise CommandError(f"cannot reach the database at {server}: {str(error).splitlines()[0]}") from None
        call_command("migrate", database="owner", verbosity=options["verbosity"] - 1, interactive=False)
        if env.boolean("CSUITE_DEMO", True):
            call_command("load_demo", if_empty=True, stdout=self.stdout)
        self.stdout.write(f"the database {settings.DATABASES['owner']['NAME']} is ready")
