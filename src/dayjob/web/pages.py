"""The pages: static files of the wheel as ordinary routes under ``{prefix}/ui/``, behind the router's ``auth``.

Not a mount: mounts of included routers are dropped by older versions of FastAPI, and dependencies do not guard them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Request, Response
from starlette.responses import RedirectResponse

from .security import page_headers

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_INDEX = "index.html"
_OPEN = ("base.css", "sign-in.css", "theme.js", "icon.svg")  # how the page to sign in looks: no secrets
# Asked for again each time, and answered with 304: pages and scripts of two versions never meet.
_CACHING = {"Cache-Control": "no-cache", "Vary": "Cookie"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the pages, in memory."""

    content: bytes
    media_type: str
    etag: str


class Pages:
    """The files below ``root`` (a package resource), read once; nothing else can be asked for."""

    def __init__(self, root: Traversable | None = None) -> None:
        self._files = dict(_read(root or files(__package__) / "static"))

    def add_to(self, router: APIRouter) -> None:
        """To be called before routes with a job id in their paths are added."""
        router.get("/ui", include_in_schema=False)(self.enter)
        router.get("/ui/{path:path}", include_in_schema=False)(self.get)

    def add_open(self, router: APIRouter) -> None:
        """To be called before `add_to`: what the page to sign in is made of is for everybody."""
        for name in _OPEN:
            router.add_route(f"/ui/{name}", self.get_open, include_in_schema=False)  # no dependencies, so no auth

    async def get_open(self, request: Request) -> Response:
        """A file that nobody has to sign in for."""
        return await self.get(request.url.path.rpartition("/")[2], request.headers.get("if-none-match", ""))

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
