"""The server that tests run on."""

from __future__ import annotations

import psycopg
import pytest
from tests import postgres


def test_the_server_is_there_and_no_older_than_15(postgres_dsn: str) -> None:
    with psycopg.connect(postgres_dsn) as connection:
        assert connection.info.server_version >= 150_000


def test_a_schema_is_removed_with_what_it_holds(postgres_dsn: str) -> None:
    with postgres.schema(postgres_dsn) as name, psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        connection.execute(f"CREATE TABLE {name}.a (b int)")
        assert postgres.query(postgres_dsn, name, "SELECT count(*) FROM a") == [(0,)]
    with pytest.raises(psycopg.errors.UndefinedTable):
        postgres.query(postgres_dsn, name, "SELECT count(*) FROM a")
