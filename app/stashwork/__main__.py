"""`python -m stashwork` is the command `stashwork`."""

import sys

from .cli import main

sys.exit(main())
