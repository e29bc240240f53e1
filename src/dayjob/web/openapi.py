"""One OpenAPI operation per job type, written into the app's document when it is asked for.

The routes have one ``POST /{job_type}``; types that are registered later are in the document all the same.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
from collections.abc import Iterator
from typing import Any

from ..models import JobType
from ..registry import JobRegistry

_MARK = "x-dayjob-types"
_numbers = itertools.count(1)
Document = dict[str, Any]


def new_mark() -> Document:
    """``openapi_extra`` of an operation that stands for the types of one registry."""
    return {_MARK: next(_numbers)}


@contextlib.contextmanager
def typed_openapi(app: Any, registry: JobRegistry, mark: Document) -> Iterator[None]:
    """While inside, ``app.openapi()`` has an operation for each type in place of the one with ``mark``."""
    original = getattr(app, "openapi", None)
    if original is None:  # a Starlette app
        yield
        return

    def openapi() -> Document:
        return with_types(original(), registry, mark)

    app.openapi = openapi
    try:
        yield
    finally:
        if app.openapi is openapi:  # else somebody else has put theirs around ours: it stays, and so does ours
            app.openapi = original


def with_types(document: Document, registry: JobRegistry, mark: Document) -> Document:
    """A copy of an app's OpenAPI document, with the types that there are now."""
    made = {**document, "paths": {}, "components": copy.deepcopy(document.get("components", {}))}
    for path, item in document.get("paths", {}).items():
        general = item.get("post", {})
        if general.get(_MARK) != mark[_MARK]:
            made["paths"][path] = item
            continue
        if others := {method: operation for method, operation in item.items() if method != "post"}:
            made["paths"][path] = others
        for job_type in sorted(registry.job_types.values(), key=lambda each: each.name):
            target = made["paths"].setdefault(path.replace("{job_type}", job_type.name), {})
            target["post"] = _operation(general, job_type, made["components"])
    return made


def _operation(general: Document, job_type: JobType, components: Document) -> Document:
    made = {name: value for name, value in copy.deepcopy(general).items() if name != _MARK}
    name = _safe(job_type.name)
    schema = job_type.arguments.schema("#/components/schemas/" + name + ".{model}")
    for model, definition in schema.pop("$defs", {}).items():
        components.setdefault("schemas", {})[f"{name}.{model}"] = definition
    made["summary"] = job_type.description or job_type.name
    made["operationId"] = f"{general.get('operationId', 'create_job')}_{name}"
    made["parameters"] = [each for each in general.get("parameters", ()) if each["in"] != "path"]
    content = {"application/json": {"schema": schema}}
    made["requestBody"] = {"required": bool(schema["required"]), "content": content}
    return made


def _safe(name: str) -> str:
    """Component names are letters, digits and ``._-``, and type names may have a colon beside."""
    return name.replace(":", "..")
