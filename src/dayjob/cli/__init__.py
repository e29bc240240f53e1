"""``dayjob``: look at the jobs of a database or a server, add some, follow them, stop them, work on them.

The exit codes are in `dayjob.cli.exits`, the options in `dayjob.cli.parser`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

from ..errors import DayjobError
from ..terminal import printable
from .exits import FAILED, INTERRUPTED, OK, exit_code
from .parser import make_parser


def main(argv: Sequence[str] | None = None) -> int:
    """The ``dayjob`` command; returns its exit code."""
    options = make_parser().parse_args(argv)
    try:
        code = asyncio.run(options.command(options))
        print(end="", flush=True)  # here, where a reader that went away is noticed (and nothing if there is no stdout)
    except (DayjobError, ValueError) as error:
        print(f"dayjob: {printable(str(error))}", file=sys.stderr)
        return exit_code(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `dayjob list | head`
        _drop_output()
        return OK
    except OSError as error:  # such as a full disk behind `dayjob list > file`
        _drop_output()
        print(f"dayjob: {printable(str(error))}.", file=sys.stderr)
        return FAILED
    return int(code)


def _drop_output() -> None:
    """What could not be written must not be tried again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
