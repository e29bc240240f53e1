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
from .exits import INTERRUPTED, OK, exit_code
from .parser import make_parser


def main(argv: Sequence[str] | None = None) -> int:
    """The ``dayjob`` command; returns its exit code."""
    options = make_parser().parse_args(argv)
    try:
        code = asyncio.run(options.command(options))
        sys.stdout.flush()  # here, where a reader that went away is noticed
    except (DayjobError, ValueError) as error:
        print(f"dayjob: {printable(str(error))}", file=sys.stderr)
        return exit_code(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `dayjob list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    return int(code)
