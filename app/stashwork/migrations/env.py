"""Alembic runs this file: the migrations use the connection, and the transaction, that `upgrade` gives."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
