"""The example programs do what they say."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
from tests.processes import free_port, uvicorn
from websockets.sync.client import connect

ROOT = Path(__file__).parents[2]


def test_retrying(tmp_path: Path) -> None:
    program = [sys.executable, str(ROOT / "examples/retrying.py"), f"sqlite:///{tmp_path}/jobs.db"]
    run = subprocess.run(program, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "completed after 3 attempts, 2 of them failed\n"


def test_progress_bar(tmp_path: Path) -> None:
    with uvicorn("examples.progress_bar:app", tmp_path) as address:
        answer = httpx2.post(f"http://{address}/jobs/count", json={"to": 5}, timeout=30)
        assert answer.status_code == 202
        with connect(f"ws://{address}{answer.headers['location']}/ws") as frames:
            last = [json.loads(frame) for frame in frames][-1]
    assert last["job"]["status"] == "completed"
    assert last["job"]["progress"] == 100


def test_progress_page(tmp_path: Path) -> None:
    """The parts of it; a browser drives the element in tests/browser."""
    with uvicorn("examples.progress_page:app", tmp_path) as address:
        page = httpx2.get(f"http://{address}/", timeout=30).text
        for source in re.findall(r'src="([^"]+)"', page):
            answer = httpx2.get(f"http://{address}{source}", timeout=30)
            assert answer.headers["content-type"].startswith("text/javascript")
        wait = {"Prefer": "wait=20"}
        made = httpx2.post(f"http://{address}/jobs/report", json={"pages": 2}, headers=wait, timeout=30)
    assert (made.json()["status"], made.json()["result"]) == ("completed", 2)


def test_the_readme_s_app_runs_as_printed(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    app = next(code for code in re.findall(r"^```python\n(.*?)^```", readme, re.M | re.S) if "FastAPI" in code)
    (tmp_path / "main.py").write_text(app)
    assert re.search(r'^\$ pip install "\.\[fastapi\]" "uvicorn\[standard\]"$', readme, re.M)
    (command,) = re.findall(r"^\$ (uvicorn .*)$", readme, re.M)
    ((body, path),) = re.findall(r"^\$ curl --json '(.*)' http://127\.0\.0\.1:8000(/\S+)$", readme, re.M)
    with _started(command, tmp_path) as address:
        assert httpx2.get(f"http://{address}/jobs/ui/", timeout=30).status_code == 200
        answer = httpx2.post(f"http://{address}{path}", json=json.loads(body) | {"to": 2}, timeout=30)
        assert answer.status_code == 202
        with connect(f"ws://{address}{answer.headers['location']}/ws") as frames:
            last = [json.loads(frame) for frame in frames][-1]
    assert (last["job"]["status"], last["job"]["result"]) == ("completed", 2)


@contextlib.contextmanager
def _started(command: str, folder: Path) -> Iterator[str]:
    """A command of ours as it is printed; only the port comes from the environment, for 8000 may be taken."""
    port = free_port()
    program, *options = shlex.split(command)
    environment = {**os.environ, "UVICORN_PORT": str(port)}
    server = subprocess.Popen([Path(sys.executable).parent / program, *options], cwd=folder, env=environment)
    try:
        _wait_for(port, server)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens; the server's exit code is {server.poll()}")
