"""``python -m dayjob.crashtest``."""

import sys

from . import main

sys.exit(main())
