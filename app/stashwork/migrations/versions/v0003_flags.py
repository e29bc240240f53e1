"""The owner's flag *Ignore Auto Tag* of performers, tags and studios; the next sync reads it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column to the three tables."""
    for table in ("performer", "tag", "studio"):
        op.add_column(table, sa.Column("ignore_auto_tag", sa.Boolean, nullable=False, server_default=sa.false()))
