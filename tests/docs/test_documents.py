"""The README and the guides are executed: a block that does not run, or a link to nowhere, fails here."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


class Blocks:
    """The process that runs them (``blocks.py``)."""

    def __init__(self) -> None:
        command = [sys.executable, "-W", "error", str(Path(__file__).with_name("blocks.py"))]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, code: str, folder: Path) -> str:
        """Run it as a program there, and return what it printed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"code": code, "folder": str(folder)}), file=self._process.stdin, flush=True)
        exit_code = self._process.stdout.readline()
        assert exit_code == "0\n", (folder / "stderr").read_text()
        return (folder / "stdout").read_text()

    def close(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0


@pytest.fixture(scope="module")
def blocks() -> Iterator[Blocks]:
    started = Blocks()
    yield started
    started.close()


def all_blocks() -> list[object]:
    found = [(path, n, code) for path in DOCUMENTS for n, code in enumerate(_BLOCK.findall(path.read_text()), 1)]
    return [pytest.param(code, id=f"{path.name}-{n}") for path, n, code in found]


@pytest.mark.parametrize("code", all_blocks())
def test_every_python_block_runs(blocks: Blocks, code: str, tmp_path: Path) -> None:
    blocks.run(code, tmp_path)


def test_readme_example_prints_the_result(blocks: Blocks, tmp_path: Path) -> None:
    code = _BLOCK.findall((ROOT / "README.md").read_text())[0]
    assert blocks.run(code, tmp_path) == "3\n"


def test_a_block_that_fails_is_seen(blocks: Blocks, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        blocks.run("1 / 0", tmp_path)
    with pytest.raises(AssertionError, match="DeprecationWarning: old"):
        blocks.run("import warnings\nwarnings.warn('old', DeprecationWarning)", tmp_path)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(document: Path) -> None:
    for target in _LINK.findall(document.read_text()):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", ["internals", "reliability"])
def test_files_that_a_document_names_exist(document: str) -> None:
    named = set(re.findall(r"`([\w/.]+\.(?:py|js|sql|css))`", (ROOT / f"docs/{document}.md").read_text()))
    there = [path.as_posix() for folder in ("src", "app", "tests", "bench") for path in (ROOT / folder).rglob("*.*")]
    assert len(named) > 5
    missing = {name for name in named if not any(path.endswith(f"/{name}") for path in there)}
    assert missing <= {"repository/sqlite/migrations/NNNN_timeout.sql"}  # it stands for the next one


def test_the_readme_table_names_files_that_exist() -> None:
    rows = re.findall(r"^\| `app/.*?\[`([^`]+)`\]", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(rows) >= 9
    assert all((ROOT / path).exists() for path in rows)


def test_every_command_of_the_cli_is_documented() -> None:
    from dayjob.cli.parser import make_parser  # noqa: PLC0415 (nothing else here needs it)

    commands = next(a.choices for a in make_parser()._actions if a.choices and "list" in a.choices)
    documented = (ROOT / "docs/cli.md").read_text()
    assert all(re.search(rf"\$ dayjob.* {command}\b", documented) for command in commands)


def test_the_options_that_the_guide_of_the_cli_uses_exist() -> None:
    from dayjob.cli.parser import make_parser  # noqa: PLC0415

    lines = re.findall(r"^\$ (?:[A-Z_]+=\S+ )*dayjob (.*)$", (ROOT / "docs/cli.md").read_text(), re.MULTILINE)
    assert len(lines) >= 15
    for used in lines:
        make_parser().parse_args(shlex.split(re.split(r" [|>&]", used)[0], comments=True))


def test_make_help_lists_every_public_verb() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for verb in ("run", "demo", "test", "ci", "crashtest", "bench", "format", "lock", "clean"):
        assert f"make {verb}" in shown


def test_docstring_examples_run() -> None:
    import doctest  # noqa: PLC0415
    import importlib  # noqa: PLC0415

    for name in (
        "errors",
        "ids",
        "states",
        "retry",
        "payload",
        "terminal",
        "registry",
        "testing.handlers",
        "sqlalchemy",
        "request",
        "web.prefer",
        "cli.exits",
        "cli.documents",
    ):
        module = importlib.import_module(f"dayjob.{name}")
        results = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
        assert results.failed == 0, name
        assert results.attempted > 0, name
