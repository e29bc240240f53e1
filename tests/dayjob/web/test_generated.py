"""Requests that are made from the OpenAPI document, by schemathesis: whatever is sent, nothing breaks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from tests.dayjob.web.support import Gates, Served, make_app, make_registry, serve_in_thread

from dayjob import JobQueue

# Not all checks: the document cannot say that a job is in a state in which it cannot be cancelled.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    def make() -> FastAPI:
        url = f"sqlite:///{tmp_path_factory.mktemp('db')}/jobs.db"
        queue = JobQueue(url, registry=make_registry(Gates()), durability="process", max_workers=2)
        queue.schedule("echo", "every 6 hours", name="often")
        return make_app(queue)

    with serve_in_thread(make) as served:
        yield served


@pytest.mark.timeout(1800)
def test_whatever_is_sent_nothing_breaks(server: Served, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """``--cases``: how many requests at least. Of 1,000 on it is all phases of schemathesis, else one."""
    cases: int = request.config.getoption("--cases")
    phases = "examples,coverage,fuzzing,stateful" if cases >= 1000 else "fuzzing"
    each = 1 + cases // 18  # there are 23 operations, and not each of them has so many different requests
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.url}/openapi.json"]
    command += ["--checks", CHECKS, "--max-examples", str(each), "--seed", "1", "--max-failures", "5", "--no-color"]
    command += ["--phases", phases]
    command += ["--suppress-health-check", "all", "--generation-database", "none"]
    run = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=1500, env={**os.environ, "NO_PROXY": "*"}
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    found = re.search(r"([\d,]+) generated", run.stdout)
    assert found is not None, run.stdout[-2000:]
    print(f"{found[1]} requests were generated")
    assert int(found[1].replace(",", "")) >= cases
