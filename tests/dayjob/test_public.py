"""The public surface is what ``docs/api.md`` lists, and nothing more; the map of the package names all modules."""

from __future__ import annotations

import importlib
import inspect
import re
import typing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import dayjob
from dayjob.types import Accepted, Child, ConfiguredQueue

SOURCE = Path(dayjob.__file__).parent
PAGE = (Path(__file__).parents[2] / "docs/api.md").read_text()
SECTIONS = {
    name: set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    for name, text in re.findall(r"^## (dayjob[\w.]*)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
MODULES = [importlib.import_module(name) for name in SECTIONS]
PUBLIC = {id(getattr(module, name)) for module in MODULES for name in module.__all__}
OWNERS = [
    *(dayjob.JobQueue, dayjob.JobHandle, dayjob.JobContext, dayjob.JobRequest, dayjob.Retry),
    *(Accepted, Child, ConfiguredQueue),
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_page_has_the_names_of_the_module(module: ModuleType) -> None:
    assert SECTIONS[module.__name__] == set(module.__all__)
    assert len(module.__all__) == len(set(module.__all__))
    assert all(hasattr(module, name) for name in module.__all__)


def test_the_package_shows_what_a_user_starts_with() -> None:
    assert len(dayjob.__all__) <= 25
    assert len(MODULES) == 11


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_public_module_defines_nothing_that_is_not_public(module: ModuleType) -> None:
    defined = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
        if inspect.isclass(value) or inspect.isfunction(value)
    }
    assert defined <= set(module.__all__)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_class_and_function_has_a_docstring(module: ModuleType) -> None:
    values = {name: getattr(module, name) for name in module.__all__}
    made = {name: value for name, value in values.items() if inspect.isclass(value) or inspect.isfunction(value)}
    assert [name for name, value in made.items() if not value.__doc__] == []


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.__name__)
def test_every_type_in_a_public_signature_can_be_imported(owner: type) -> None:
    found: set[type] = set()
    for name, method in inspect.getmembers(owner, inspect.isfunction):
        if not name.startswith("_"):
            for hint in typing.get_type_hints(method).values():
                found |= ours(hint)
    assert {each for each in found if id(each) not in PUBLIC} == set()


def ours(hint: Any) -> set[type]:
    found = {each for part in typing.get_args(hint) for each in ours(part)}
    if isinstance(hint, type) and hint.__module__.partition(".")[0] == "dayjob":
        found.add(hint)
    return found


def test_the_map_names_what_there_is() -> None:
    named = set(re.findall(r"``([\w/]+(?:\.py|/))``", dayjob.__doc__ or ""))
    assert {name for name in named if not (SOURCE / name).exists()} == set()
    folders = tuple(name for name in named if name.endswith("/"))
    modules = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if path.name != "__init__.py"}
    assert {module for module in modules - named if not module.startswith(folders)} == set()
