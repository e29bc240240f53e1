"""Requests to servers that are there, are not, restart, or are none of dayjob's."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob.cli.conftest import TOKEN, Dayjob, Site, make_app
from tests.dayjob.web.support import serve_in_thread


def test_the_environment_names_a_server(dayjob: Dayjob, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = site.url.removesuffix("jobs") + "locked"
    monkeypatch.setenv("DAYJOB_URL", locked + "/")
    code, _, err = dayjob("stats")
    assert (code, "--token or DAYJOB_TOKEN" in err) == (4, True)
    monkeypatch.setenv("DAYJOB_TOKEN", "wrong-but-long-enough")
    assert dayjob("stats")[0] == 4
    assert dayjob("stats", "--token", TOKEN)[0] == 0
    monkeypatch.setenv("DAYJOB_TOKEN", TOKEN + "\n")
    assert dayjob("stats")[0] == 0
    assert dayjob("--db", "sqlite:///none.db", "stats")[0] == 4  # what is given wins


@pytest.mark.parametrize(
    ("url", "code"),
    [
        *(("", 2), ("jobs", 2), ("file:///etc/passwd", 2), ("http://", 2), ("http://me:pw@host/jobs", 2)),
        *(("http://127.0.0.1:1/jobs", 4), ("http://nowhere.invalid/jobs", 4), ("http://127.0.0.1:99999/jobs", 2)),
    ],
)
def test_urls_that_lead_nowhere(dayjob: Dayjob, url: str, code: int) -> None:
    got, out, err = dayjob("--url", url, "stats")
    assert (got, out, err.count("\n")) == (code, "", 1)
    assert "pw" not in err


def test_a_wrong_prefix_is_told(dayjob: Dayjob, site: Site) -> None:
    code, _, err = dayjob("--url", site.url + "/nothing/here", "list")
    assert code in (3, 4)
    code, _, err = dayjob("--url", site.url.removesuffix("/jobs"), "stats")
    assert code == 4
    assert "does not answer like dayjob (404 Not Found)" in err


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """A server that always answers so; its URL, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/jobs", asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *((200, b"<html>"), (200, b"[]"), (200, b"null"), (200, b'{"items": [1], "next": null}'), (200, b"\xff")),
        *((200, b'{"items": [{"id": 5}], "next": null}'), (500, b"oh"), (503, b"{}"), (404, b"[1]"), (204, b"")),
        (200, b'{"items": [{"id": "x", "created_at": "\x1b[2J"}], "next": null}'),
    ],
)
def test_answers_of_somebody_else(dayjob: Dayjob, status: int, body: bytes) -> None:
    with answering(status, body) as (url, _):
        code, out, err = dayjob("--url", url, "list")
    assert (code, out) == (4, "")
    assert "does not answer like dayjob" in err
    assert err.rstrip("\n").isprintable()


def test_a_problem_of_somebody_else_moves_no_cursor(dayjob: Dayjob) -> None:
    problem = json.dumps({"code": "new_in_2030", "detail": "no \x1b[2J\nsecond", "errors": [{"detail": "x\a"}, 5]})
    with answering(409, problem.encode()) as (url, _):
        code, _, err = dayjob("--url", url, "list")
    assert (code, err) == (1, "dayjob: no  [2J second : x .\n")


def test_a_redirect_is_not_followed(dayjob: Dayjob) -> None:
    """The token is for the server that was named."""
    with answering(200, b"{}") as (other, asked), answering(302, b"", Location=other) as (url, _):
        code, _, err = dayjob("--url", url, "--token", TOKEN, "list")
    assert (code, asked) == (4, [])
    assert f"it redirects to {other}" in err


def test_no_proxy_on_the_way_to_this_machine(dayjob: Dayjob, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert dayjob("--url", site.url, "stats")[0] == 0


def test_a_server_that_restarts_is_waited_for(tmp_path: Path) -> None:
    """What is watched goes on there, and so does the watching."""
    database, gate = f"sqlite:///{tmp_path}/jobs.db", threading.Event()
    with serve_in_thread(lambda: make_app(database, gate)) as served:
        command = [sys.executable, "-m", "dayjob.cli", "--url", f"{served.url}/jobs", "run", "wait", "--watch"]
        watching = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert watching.stdout
        assert watching.stderr
        watching.stdout.readline()
    assert "Trying again" in watching.stderr.readline()
    gate.set()
    with serve_in_thread(lambda: make_app(database, gate), port=served.port):
        out, _ = watching.communicate(timeout=30)
    assert watching.returncode == 0
    assert out.endswith('completed: "done"\n')
