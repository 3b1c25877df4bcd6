"""The database backend: Django's own, except for when a pooled connection is asked whether it still lives.

Django asks at every checkout, a round trip each time. A server that went away has closed its sockets, which shows
without asking; a round trip is worth it only for a connection that lay idle, because a firewall may have dropped it
in silence.
"""

import select
import time
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool

RESTED = 10.0  # seconds idle after which a connection is asked


def check(connection: Connection[Any]) -> None:
    """Raises OperationalError, or what psycopg raises, for a connection that is of no use."""
    if connection.closed:
        raise OperationalError("the connection is closed")
    rested = time.monotonic() - getattr(connection, "last_used", 0.0)
    if rested > RESTED or _something_came(connection):
        ConnectionPool.check_connection(connection)


def _something_came(connection: Connection[Any]) -> bool:
    """Nobody asked anything: so it is the end of the connection, or its announcement."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


_Wrapper: Any = base.DatabaseWrapper  # django-stubs does not know its pool


class DatabaseWrapper(_Wrapper):  # type: ignore[misc]
    @property
    def pool(self) -> Any:
        options = self.settings_dict["OPTIONS"].get("pool")
        pools = self._connection_pools
        if not options or self.alias in pools:
            return super().pool
        pool = ConnectionPool(
            kwargs=self.get_connection_params() | {"autocommit": True},  # Django turns it off when it begins
            open=False,
            configure=self._configure_connection,
            check=check,
            **options,
        )
        return pools.setdefault(self.alias, pool)

    def _close(self) -> None:
        if self.connection is not None:
            self.connection.last_used = time.monotonic()
        super()._close()
