"""Runs blocks of the documents as programs: ``blocks.py``, with a line of JSON for each on its standard input.

Each has a process of its own, which is forked after what takes long to import was imported. It leaves ``stdout`` and
``stderr`` in its folder; its exit code is the answer.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import types

import fastapi  # noqa: F401 (for the forked ones)

import dayjob  # noqa: F401

_LONGEST = 60  # seconds


def main() -> None:
    """Run until the end of the input."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            run(**json.loads(line))
            break
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def run(code: str, folder: str) -> None:
    """Be ``python -c code`` in that folder."""
    signal.alarm(_LONGEST)
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in enumerate(("stdout", "stderr"), 1):
        os.dup2(os.open(name, os.O_CREAT | os.O_WRONLY), number)
    sys.argv, sys.path[0] = ["-c"], ""
    sys.modules["__main__"] = module = types.ModuleType("__main__")
    exec(compile(code, "<block>", "exec"), module.__dict__)


if __name__ == "__main__":
    main()
