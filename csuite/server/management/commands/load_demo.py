"""`manage.py load_demo`: the demo companies, into an empty database only."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from csuite.server.demo import NotEmpty, load_demo


class Command(BaseCommand):
    help = "Load Northwind Instruments and Rival Instruments into an empty database and print their logins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="say nothing when there is a company already")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_demo()
        except NotEmpty as error:
            if not options["if_empty"]:
                self.stdout.write(str(error))
            return
        self.stdout.write("demo companies loaded; sign in as")
        for login in loaded.logins:
            self.stdout.write(f"  {login.email:<28} {login.what}")
        self.stdout.write(f"  password: {loaded.password}")
