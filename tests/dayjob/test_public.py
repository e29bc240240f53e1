"""What the public classes give and take is public, too."""

from __future__ import annotations

import inspect
import typing
from typing import Any

import pytest

import dayjob


@pytest.mark.parametrize("owner", [dayjob.JobQueue, dayjob.JobHandle, dayjob.JobContext])
def test_every_type_in_a_public_signature_can_be_imported(owner: type) -> None:
    named: set[str] = set()
    for name, method in inspect.getmembers(owner, inspect.isfunction):
        if not name.startswith("_"):
            for hint in typing.get_type_hints(method).values():
                named |= _ours(hint)
    assert named <= set(dayjob.__all__)


def _ours(hint: Any) -> set[str]:
    found = {name for part in typing.get_args(hint) for name in _ours(part)}
    if isinstance(hint, type) and hint.__module__.partition(".")[0] == "dayjob":
        found.add(hint.__name__)
    return found
