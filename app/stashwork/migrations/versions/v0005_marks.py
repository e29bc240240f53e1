"""Where a sync goes on with what Stash does not date in the scenes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """No run so far left marks, so the next one looks at everything."""
    op.add_column("sync_history", sa.Column("marks", sa.JSON))
