"""Alembic migrations, run by `stashwork.database.upgrade`."""
