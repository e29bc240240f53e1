"""All behaviours: importing the modules has filled the table."""

from tests.dayjob.hostile import dying, leaving, logging_badly, raising, reporting, returning, spoiling, stopping
from tests.dayjob.hostile.table import CASES

__all__ = ["CASES", "dying", "leaving", "logging_badly", "raising", "reporting", "returning", "spoiling", "stopping"]
