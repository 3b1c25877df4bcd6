"""Work of a page that must not hold the database: a model's answer may take a minute."""

from collections.abc import Callable

from django.http import HttpResponse


class Afterwards(HttpResponse):
    """Stands for a page until `work` has made it.

    A view behind the gate (csuite/tenants/gate.py) gives it back when all is stored. The gate then ends the tenant's
    scope, gives back the connections and calls `work`, which opens a scope of its own where it stores something.
    """

    def __init__(self, work: Callable[[], HttpResponse]) -> None:
        super().__init__()
        self.work = work
