"""Which file a database URL names, and what is said about a URL that names none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from dayjob.errors import InvalidOption
from dayjob.repository import database_path, database_url


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///jobs.db", "jobs.db"),
        ("SQLite:///jobs.db", "jobs.db"),
        ("sqlite+aiosqlite:///jobs.db", "jobs.db"),
        ("sqlite:///./data/jobs.db", "data/jobs.db"),
        ("sqlite:///~/jobs.db", "home/jobs.db"),
        ("sqlite:///my jobs%20#1.db", "my jobs%20#1.db"),
        ("sqlite:///jöbs 日本.db", "jöbs 日本.db"),
        (Path("a?b.db"), "a?b.db"),
        (Path("~/jobs.db"), "home/jobs.db"),
    ],
)
def test_a_url_or_a_path_names_a_file(here: Path, url: Any, path: str) -> None:
    assert database_path(url) == here / path


def test_an_absolute_path_has_four_slashes(here: Path) -> None:
    assert database_path("sqlite:////data/jobs.db") == Path("/data/jobs.db")
    assert database_path(database_url(here / "jobs.db")) == here / "jobs.db"


@pytest.mark.parametrize(
    ("url", "fix"),
    [
        ("", "a database URL"),
        ("jobs.db", "a database URL"),
        ("/data/jobs.db", "a database URL"),
        ("C:\\data\\jobs.db", "a database URL"),
        (" sqlite:///jobs.db", "a database URL"),
        ("file:jobs.db", "a database URL"),
        ("sqlite://jobs.db", "three slashes"),
        ("sqlite:jobs.db", "three slashes"),
        ("sqlite://", "three slashes"),
        ("sqlite:///", "in memory would be lost"),
        ("sqlite:///:memory:", "in memory would be lost"),
        ("sqlite:///file::memory:?cache=shared", "in memory would be lost"),
        ("sqlite:///jobs.db?mode=ro", "a path without options"),
        ("sqlite:///file:jobs.db", "a path without options"),
        ("sqlite:///data/", "the path of a file"),
        ("sqlite:///jobs.db\n", "the path of a file"),
        ("sqlite:///a\0b", "the path of a file"),
        ("sqlite:///.", "the path of a file"),
        (Path(), "the path of a file"),
        (Path("a\0b"), "the path of a file"),
        ("sqlite:///~nobody-has-this-name/jobs.db", "an absolute path"),
        (None, "a text"),
        (b"sqlite:///jobs.db", "a text"),
        (42, "a text"),
        (create_engine("sqlite:///app.db"), "'sqlite:///app.db'"),
        (create_async_engine("sqlite+aiosqlite:///app.db"), "'sqlite:///app.db'"),
        (make_url("sqlite:///app.db"), "'sqlite:///app.db'"),
        (make_url("postgresql://ada:secret@host/app"), "a text"),
    ],
)
def test_what_names_no_file_is_refused_with_the_fix(here: Path, url: Any, fix: str) -> None:
    with pytest.raises(InvalidOption, match=f"^url is .*use .*{fix}"):
        database_path(url)


@pytest.mark.parametrize("scheme", ["postgresql://", "mysql+aiomysql://", "sqlite+pysqlcipher://", "redis://"])
def test_the_password_of_another_database_is_not_in_the_error(here: Path, scheme: str) -> None:
    with pytest.raises(InvalidOption, match="a file of SQLite") as caught:
        database_path(f"{scheme}ada:secret@host/app")
    assert "secret" not in str(caught.value)
