"""The oldest versions that are promised are those that ``make floor`` tests."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_floor_of_fastapi_is_the_one_that_is_tested() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    promised = re.match(r"fastapi>=([\d.]+)", extras["fastapi"][0])
    pinned = re.search(r"^fastapi==([\d.]+)", (ROOT / "requirements" / "floor.txt").read_text(), re.MULTILINE)
    assert promised is not None
    assert pinned is not None
    assert pinned[1].removesuffix(".0") == promised[1]
