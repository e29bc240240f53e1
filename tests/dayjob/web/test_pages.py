"""The pages as files: where they are, with which headers, and who may have them."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI, HTTPException
from starlette.requests import HTTPConnection
from tests.dayjob.web.support import serve

import dayjob.web
from dayjob import JobQueue
from dayjob.web import Token, jobs_router
from dayjob.web.pages import OPEN

_STATIC = Path(dayjob.web.__file__).parent / "static"
_MARKUP = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
_FILES = sorted(str(path.relative_to(_STATIC)) for path in _STATIC.rglob("*") if path.is_file())


async def test_the_folder_is_the_dashboard(client: httpx2.AsyncClient) -> None:
    entered = await client.get("/jobs/ui")
    assert entered.status_code == 307
    assert entered.headers["location"] == "ui/"  # relative: right behind every proxy
    index = await client.get("/jobs/ui/")
    assert index.status_code == 200
    assert index.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("name", _FILES)
async def test_every_file_is_served_with_its_headers_and_once(client: httpx2.AsyncClient, name: str) -> None:
    first = await client.get(f"/jobs/ui/{name}")
    assert first.status_code == 200
    assert first.content == (_STATIC / name).read_bytes()
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["cache-control"] == "no-cache"
    policy = first.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    again = await client.get(f"/jobs/ui/{name}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


_ABSENT = ["nothing.js", "../pages.py", "..%2fpages.py", "lib", "lib/", "%2e%2e/router.py", "a" * 999]


@pytest.mark.parametrize("path", _ABSENT)
async def test_nothing_else_can_be_asked_for(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(f"/jobs/ui/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_pages_stand_behind_auth(queue: JobQueue) -> None:
    async def nobody(connection: HTTPConnection) -> str:
        raise HTTPException(401, "Sign in first.")

    app = FastAPI()
    app.include_router(jobs_router(queue, auth=nobody), prefix="/jobs")
    async with serve(app) as served, served.client() as client:
        for path in ("", "/", "/index.html", "/dashboard.js", "/store.js", "/views/job.js"):
            assert (await client.get(f"/jobs/ui{path}")).status_code == 401


@pytest.mark.parametrize("status", [401, 403, 418])
async def test_a_browser_that_may_not_come_in_gets_a_page_that_says_so(queue: JobQueue, status: int) -> None:
    async def nobody(connection: HTTPConnection) -> str:
        raise HTTPException(status, "Ask <Ann> first.", {"WWW-Authenticate": "Cookie"})

    app = FastAPI()
    app.include_router(jobs_router(queue, auth=nobody), prefix="/jobs")
    async with serve(app) as served, served.client() as client:
        for path in ("", "/", "/views/job.js"):
            page = await client.get(f"/jobs/ui{path}", headers={"Accept": "text/html,*/*"})
            assert (page.status_code, page.headers["www-authenticate"]) == (status, "Cookie")
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert page.headers["cache-control"] == "no-store"
            assert "default-src 'self'" in page.headers["content-security-policy"]
            assert "Ask &lt;Ann&gt; first." in page.text
            for name in re.findall(r'(?:href|src)="([^"]+)"', page.text):
                assert (await client.get(str(page.url.join(name)))).status_code == 200
        script = await client.get("/jobs/ui/dashboard.js", headers={"Accept": "*/*"})
        assert script.headers["content-type"] == "application/problem+json"


async def test_the_element_can_be_loaded_before_somebody_signs_in(queue: JobQueue) -> None:
    async def nobody(connection: HTTPConnection) -> str:
        raise HTTPException(401, "Sign in first.")

    app = FastAPI()
    app.include_router(jobs_router(queue, auth=nobody), prefix="/jobs")
    needed, found = ["job-progress.js"], set[str]()
    async with serve(app) as served, served.client() as client:
        while needed:
            name = needed.pop()
            found.add(name)
            script = await client.get(f"/jobs/ui/{name}")
            assert (script.status_code, script.content) == (200, (_STATIC / name).read_bytes()), name
            for target in re.findall(r'^import\b[^"]*?"(\.[^"]+)"', script.text, re.MULTILINE):
                path = (_STATIC / name).parent.joinpath(target).resolve().relative_to(_STATIC.resolve())
                needed += [str(path)] if str(path) not in found else []
    assert found | {"base.css", "sign-in.css", "theme.js", "icon.svg"} == set(OPEN), "and nothing else is open"


async def test_what_the_page_to_sign_in_is_made_of_is_open(queue: JobQueue) -> None:
    app = FastAPI()
    app.include_router(jobs_router(queue, auth=Token("a-token-for-this-test")), prefix="/jobs")
    async with serve(app) as served, served.client() as client:
        page = await client.get("/jobs/ui/", headers={"Accept": "text/html"}, follow_redirects=True)
        assert page.url.path == "/jobs/ui/login"
        for name in re.findall(r'(?:href|src)="([^"]+)"', page.text):
            assert (await client.get(f"/jobs/ui/{name}")).content == (_STATIC / name).read_bytes()
        assert (await client.get("/jobs/ui/dashboard.js")).status_code == 401


def test_they_are_not_in_the_openapi_document(app: FastAPI) -> None:
    assert not [path for path in app.openapi()["paths"] if "/ui" in path]


def test_nothing_is_inline_and_nothing_comes_from_elsewhere() -> None:
    for name in _FILES:
        text = (_STATIC / name).read_text()
        addresses = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text)) - {"http://www.w3.org"}
        assert not addresses, f"{name}: {addresses}"
        assert not re.search(_MARKUP, text), name
        if name.endswith(".html"):
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)


def test_every_import_leads_to_a_file() -> None:
    for name in _FILES:
        for target in re.findall(r'^import\b[^"]*?"(\.[^"]+)"', (_STATIC / name).read_text(), re.MULTILINE):
            assert (_STATIC / name).parent.joinpath(target).resolve().is_file(), f"{name} imports {target}"
