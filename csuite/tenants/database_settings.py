"""Turns database URLs into Django's DATABASES: "default" is the web role, "owner" migrates."""

from typing import Any

from psycopg.conninfo import conninfo_to_dict

_OURS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def database(url: str, *, pool: int = 0) -> dict[str, Any]:
    """One entry of DATABASES from a postgresql:// URL (a socket folder goes into `host`).

    `pool` is the largest number of pooled connections, 0 for none. Raises ValueError for another scheme.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("a database URL starts with postgresql://")
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    entry: dict[str, Any] = {django: parts.pop(libpq, "") for libpq, django in _OURS.items()}
    options: dict[str, Any] = dict(parts)
    if pool:
        options["pool"] = {"min_size": 2, "max_size": pool, "timeout": 10}
    return {
        "ENGINE": "csuite.tenants.postgres",
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
        **entry,
    }


def databases(web_url: str, owner_url: str, *, pool: int = 0) -> dict[str, Any]:
    """DATABASES for the two roles of one database."""
    owner = database(owner_url)
    owner["TEST"] = {"MIRROR": "default"}
    return {"default": database(web_url, pool=pool), "owner": owner}
