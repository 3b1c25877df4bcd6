"""The database that a test run gets (tests/plugin.py, tests/database.py)."""

import pytest
from django.db import connection, connections

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


def scalar(alias: str, query: str) -> object:
    with connections[alias].cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def test_the_web_role_is_no_superuser_no_owner_and_bound_by_row_level_security() -> None:
    rights = "SELECT rolsuper OR rolbypassrls OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
    assert scalar("default", rights) is False
    owned = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
    assert scalar("default", owned) == 0


def test_both_roles_see_the_same_database_of_this_worker() -> None:
    names = {scalar(alias, "SELECT current_database()") for alias in ("default", "owner")}
    assert len(names) == 1
    assert str(names.pop()).startswith("test_csuite_")


def test_the_vector_extension_is_there() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT '[1,2]'::vector <-> '[1,3]'::vector")
        assert cursor.fetchone() == (1.0,)
