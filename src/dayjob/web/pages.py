"""The pages: static files of the wheel as ordinary routes under ``{prefix}/ui/``, behind the router's ``auth``.

Not a mount: mounts of included routers are dropped by older versions of FastAPI, and dependencies do not guard them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from .problems import ProblemRoute
from .security import page_headers

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_INDEX = "index.html"
# For everybody: how a page looks to who is not signed in, and `<job-progress>` with its imports, since a page may be
# loaded before its user signs in. No secrets: they are the same in every wheel.
OPEN = (
    *("base.css", "sign-in.css", "theme.js", "icon.svg"),
    *("job-progress.js", "lib/api.js", "lib/dom.js", "lib/format.js", "lib/line.js", "lib/news.js", "lib/pace.js"),
)
# Asked for again each time, and answered with 304: pages and scripts of two versions never meet.
_CACHING = {"Cache-Control": "no-cache", "Vary": "Cookie"}
_TITLES = {401: "You are not signed in", 403: "You may not see this page"}
_REFUSAL = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="{up}icon.svg"><script src="{up}theme.js"></script>
<link rel="stylesheet" href="{up}base.css"><link rel="stylesheet" href="{up}sign-in.css"></head>
<body><main class="panel sign-in"><img src="{up}icon.svg" alt="" width="40" height="40"><h1>{title}</h1>
<p>{detail}</p></main></body></html>
"""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the pages, in memory."""

    content: bytes
    media_type: str
    etag: str


class PageRoute(ProblemRoute):
    """A route whose errors are pages for browsers that ask for one, and problem documents for everybody else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_with_pages(request: Request) -> Response:
            answer = await handle(request)
            is_error = answer.status_code >= 400 and answer.media_type == "application/problem+json"
            return _error_page(request, answer) if is_error and _wants_page(request) else answer

        return handle_with_pages


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _error_page(request: Request, answer: Response) -> Response:
    """The same status and headers as ``answer``, a problem document, in words for the person who opened the page."""
    problem = json.loads(bytes(answer.body))
    path = request.url.path.rpartition("/ui/")
    up = "../" * path[2].count("/") if path[1] else "ui/"  # to the folder that has the styles
    words = {"title": _TITLES.get(answer.status_code, problem["title"]), "detail": problem["detail"], "up": up}
    text = _REFUSAL.format_map({name: escape(word) for name, word in words.items()})
    kept = {name: value for name, value in answer.headers.items() if name not in ("content-length", "content-type")}
    return HTMLResponse(text, answer.status_code, {**kept, **page_headers(), "Cache-Control": "no-store"})


class Pages:
    """The files below ``root`` (a package resource), read once; nothing else can be asked for."""

    def __init__(self, root: Traversable | None = None) -> None:
        self._files = dict(_read(root or files(__package__) / "static"))

    def add_to(self, router: APIRouter) -> None:
        """To be called before routes with a job id in their paths are added."""
        options: dict[str, Any] = {"include_in_schema": False, "route_class_override": PageRoute}
        router.add_api_route("/ui", self.enter, methods=["GET"], **options)
        router.add_api_route("/ui/{path:path}", self.get, methods=["GET"], **options)

    def add_open(self, router: APIRouter) -> None:
        """To be called before `add_to`: the files that are for everybody."""
        for name in OPEN:
            router.add_route(f"/ui/{name}", self.get_open, include_in_schema=False)  # no dependencies, so no auth

    async def get_open(self, request: Request) -> Response:
        """A file that nobody has to sign in for."""
        return await self.get(request.url.path.rpartition("/ui/")[2], request.headers.get("if-none-match", ""))

    async def enter(self) -> Response:
        """To the folder: the pages' addresses are relative to it, and so is this one, so right under every prefix."""
        return RedirectResponse("ui/", 307, headers=_CACHING)

    async def get(self, path: str, if_none_match: Annotated[str, Header()] = "") -> Response:
        """A file, or 304 if the browser has it."""
        file = self._files.get(path or _INDEX)
        if file is None:
            raise HTTPException(404, "There is no such page.")
        headers = {**page_headers(), **_CACHING, "ETag": file.etag}
        if file.etag in if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(file.content, headers=headers, media_type=file.media_type)


def _read(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, StaticFile]]:
    for entry in folder.iterdir():
        name = prefix + entry.name
        if entry.is_dir():
            yield from _read(entry, f"{name}/")
        elif media_type := _TYPES.get(name[name.rfind(".") :]):
            content = entry.read_bytes()
            yield name, StaticFile(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:20]}"')
