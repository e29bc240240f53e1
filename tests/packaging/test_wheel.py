"""What users install: the wheel alone, in an environment without any other package."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_SHIPPED = (".py", ".sql", ".js", ".css", ".html", ".svg")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the paths in it are those of POSIX")


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the wheel in it, and a folder to work in."""

    wheel: Path
    python: Path
    folder: Path

    def run(self, *arguments: str, code: int = 0) -> str:
        command = [str(self.python), "-I", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    _check(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    _check(sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index", str(wheel))
    (folder / "work").mkdir()
    return Installed(wheel, python, folder / "work")


def _check(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_wheel_has_everything_and_nothing_else(installed: Installed) -> None:
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    source = ROOT / "src"
    wanted = {str(p.relative_to(source)) for p in source.rglob("*") if p.is_file() and p.suffix in _SHIPPED}
    assert "dayjob/py.typed" in names
    assert wanted <= names
    assert any(name.endswith(".sql") for name in wanted)
    assert "dayjob/web/static/job-progress.js" in wanted
    packages = {name.split("/")[0] for name in names}
    assert len(packages) == 2
    assert {p for p in packages if not p.endswith(".dist-info")} == {"dayjob"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".db")]


def test_stashwork_has_its_license_in_wheel_and_sdist(tmp_path: Path) -> None:
    for target in ("wheel", "sdist"):
        built = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(tmp_path)]
        done = subprocess.run(built, cwd=ROOT / "app", capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stdout + done.stderr
    (wheel,), (sdist,) = tmp_path.glob("*.whl"), tmp_path.glob("*.tar.gz")
    license_text = (ROOT / "LICENSE").read_bytes()
    with zipfile.ZipFile(wheel) as files:
        (name,) = [name for name in files.namelist() if name.endswith("/LICENSE")]
        assert files.read(name) == license_text
    with tarfile.open(sdist) as files:
        (name,) = [name for name in files.getnames() if name.endswith("/LICENSE")]
        found = files.extractfile(name)
        assert found is not None
        assert found.read() == license_text


def test_the_wheel_needs_nothing(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        (metadata,) = [wheel.read(n).decode() for n in wheel.namelist() if n.endswith(".dist-info/METADATA")]
    required = re.findall(r"^Requires-Dist: (.*)$", metadata, re.MULTILINE)
    assert all("extra ==" in requirement for requirement in required), required
    assert "License-File: LICENSE" in metadata


def test_importing_it_loads_the_standard_library_only(installed: Installed) -> None:
    printed = installed.run(
        "-c",
        "import sys; before = set(sys.modules)\n"
        "import dayjob, dayjob.cli, dayjob.testing\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - sys.stdlib_module_names))",
    )
    assert printed.strip() == "['dayjob']"


def test_nothing_else_is_installed_there(installed: Installed) -> None:
    listed = installed.run("-c", "from importlib.metadata import *; print([d.name for d in distributions()])")
    assert listed.strip() == "['dayjob']"


def test_the_web_part_says_what_it_needs(installed: Installed) -> None:
    printed = installed.run(
        "-c", "try:\n    import dayjob.web\nexcept ImportError as error:\n    print(error.name, error)"
    )
    assert "fastapi" in printed


def test_the_command_is_there(installed: Installed) -> None:
    command = installed.python.with_name("dayjob")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60)
    assert re.fullmatch(r"dayjob \d+\.\d+\.\d+\S*\n", done.stdout)
    assert installed.run("-m", "dayjob.cli", "list", code=4) == ""


def test_a_job_runs_there(installed: Installed) -> None:
    script = installed.folder / "job.py"
    script.write_text(
        "import asyncio\nfrom dayjob import JobQueue, job\n"
        "@job('add')\nasync def add(a: int, b: int) -> int:\n    return a + b\n"
        "async def main():\n    async with JobQueue('sqlite:///here.db') as queue:\n"
        "        print(await queue.result(await queue.enqueue('add', job_args={'a': 2, 'b': 3}), 20))\n"
        "asyncio.run(main())\n"
    )
    assert installed.run(str(script)) == "5\n"


def test_the_example_of_the_readme_runs_there(installed: Installed) -> None:
    found = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    if found is None:
        pytest.skip("README.md has no Python example yet")
    script = installed.folder / "example.py"
    script.write_text(found[1])
    assert installed.run(str(script)), "the example shows nothing"
