"""Database addresses (csuite/tenants/database_settings.py)."""

import pytest

from csuite.tenants.database_settings import database, databases


def test_an_address_becomes_djangos_settings() -> None:
    entry = database("postgresql://web:pass%20word@db.example:5433/csuite?sslmode=require")
    assert (entry["NAME"], entry["USER"], entry["PASSWORD"]) == ("csuite", "web", "pass word")
    assert (entry["HOST"], entry["PORT"]) == ("db.example", "5433")
    assert entry["OPTIONS"] == {"sslmode": "require"}
    assert entry["CONN_MAX_AGE"] == 0


def test_a_socket_folder_is_a_host() -> None:
    assert database("postgresql://web:x@/csuite?host=%2Ftmp%2Fa")["HOST"] == "/tmp/a"


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="postgresql://"):
        database("mysql://web@db/csuite")


def test_only_the_web_role_has_a_pool() -> None:
    both = databases("postgresql://web@/c", "postgresql://owner@/c", pool=7)
    assert both["default"]["OPTIONS"]["pool"]["max_size"] == 7
    assert "pool" not in both["owner"]["OPTIONS"]
