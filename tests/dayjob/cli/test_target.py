"""Which jobs are meant: those of an app, of a database, of a server; and what is none of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.dayjob.cli.conftest import Dayjob
from tests.dayjob.cli.support import stored
from tests.support import query


@pytest.mark.usefixtures("cli_app")
class TestApp:
    def test_arguments_are_checked_by_the_handler(self, dayjob: Dayjob) -> None:
        code, out, _ = dayjob("--app", "cli_app:queue", "run", "add", "--arg", "a=2")
        assert code == 0
        assert [job.id for job in stored("sqlite:///app.db")] == [out.strip()]
        code, _, err = dayjob("--app", "cli_app:queue", "run", "add", "--arg", "a=x")
        assert code == 2
        assert "a input should be a valid integer" in err.lower()

    def test_an_unknown_type_is_told(self, dayjob: Dayjob) -> None:
        code, _, err = dayjob("--app", "cli_app", "run", "nobody")
        assert (code, "Known: add" in err) == (3, True)

    @pytest.mark.parametrize("app", ["cli_app:queue", "cli_app:jobs", "cli_app"])
    def test_it_names_the_database(self, dayjob: Dayjob, app: str) -> None:
        assert dayjob("--app", app, "run", "add", "--arg", "a=1")[0] == 0
        assert "add" in dayjob("--app", app, "list")[1]
        assert not Path("jobs.db").exists()

    @pytest.mark.parametrize(
        ("app", "complaint"),
        [
            ("nowhere:queue", "nowhere"),
            ("cli_app:nobody", "nobody"),
            ("cli_app:nothing", "int"),
            ("", "MODULE:QUEUE"),
            (":queue", "MODULE:QUEUE"),
            ("..:queue", "MODULE:QUEUE"),
        ],
    )
    def test_an_app_that_is_none(self, dayjob: Dayjob, app: str, complaint: str) -> None:
        code, _, err = dayjob("--app", app, "list")
        assert code == 2
        assert complaint in err


class TestDatabases:
    @pytest.mark.parametrize("command", [["list"], ["show", "x"], ["watch", "x"], ["watch"], ["cancel", "x"]])
    def test_a_missing_one_is_not_made(self, dayjob: Dayjob, folder: Path, command: list[str]) -> None:
        code, out, err = dayjob(*command)
        assert (code, out) == (4, "")
        assert f"There is no database {folder / 'jobs.db'}" in err
        assert "--db" in err
        assert not (folder / "jobs.db").exists()

    @pytest.mark.parametrize("url", ["jobs.db", "postgres://x", "sqlite://", "sqlite:///", "nonsense"])
    def test_a_url_that_is_none(self, dayjob: Dayjob, url: str) -> None:
        code, out, err = dayjob("--db", url, "run", "--any-type", "echo")
        assert (code, out) == (2, "")
        assert err.startswith("dayjob: ")

    def test_a_file_that_is_no_database(self, dayjob: Dayjob, folder: Path) -> None:
        (folder / "jobs.db").write_text("not a database, but long enough to be looked at " * 50)
        code, out, err = dayjob("list")
        assert (code, out) == (4, "")
        assert "not a database" in err

    @pytest.mark.parametrize("command", [["list"], ["stats"], ["prune"], ["cancel", "x"], ["schedules"]])
    @pytest.mark.parametrize("script", ["", "CREATE TABLE customer (name)"])
    def test_a_database_of_somebody_else_is_left_as_it_is(
        self, dayjob: Dayjob, folder: Path, script: str, command: list[str]
    ) -> None:
        (folder / "jobs.db").touch()
        query(folder / "jobs.db", script)
        before = (folder / "jobs.db").read_bytes()
        code, out, err = dayjob(*command)
        assert (code, out) == (4, "")
        assert "is not a database of dayjob" in err
        assert (folder / "jobs.db").read_bytes() == before

    def test_another_path(self, dayjob: Dayjob, folder: Path) -> None:
        assert dayjob("--db", f"sqlite:///{folder}/other.db", "run", "--any-type", "echo")[0] == 0
        assert (folder / "other.db").exists()


def test_no_database_is_made_for_a_type_that_nobody_knows(dayjob: Dayjob, folder: Path) -> None:
    assert dayjob("run", "echo")[0] == 4
    assert not (folder / "jobs.db").exists()


def test_a_server_takes_the_types_only_that_it_knows(dayjob: Dayjob) -> None:
    code, _, err = dayjob("--url", "http://127.0.0.1:1/jobs", "run", "echo", "--any-type")
    assert (code, "--any-type is for --db and --app" in err) == (2, True)
