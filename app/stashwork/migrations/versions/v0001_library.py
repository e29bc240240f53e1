"""The local copy of a Stash library, and the history of its syncs.

There is no way down: delete library.db and sync again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    _create_performer()
    _create_tag()
    _create_studio()
    _create_scene()
    _create_scene_file()
    _create_links()
    _create_sync_history()


def _create_performer() -> None:
    op.create_table(
        "performer",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("disambiguation", sa.String, nullable=False),
        sa.Column("aliases", sa.JSON, nullable=False),
        sa.Column("favorite", sa.Boolean, nullable=False),
        *_timestamps(),
        sa.PrimaryKeyConstraint("id", name="pk_performer"),
    )


def _create_tag() -> None:
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("aliases", sa.JSON, nullable=False),
        *_timestamps(),
        sa.PrimaryKeyConstraint("id", name="pk_tag"),
    )
    op.create_table(
        "tag_parent",
        sa.Column("tag_id", sa.Integer, nullable=False),
        sa.Column("parent_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tag_id", "parent_id", name="pk_tag_parent"),
        _foreign_key("tag_parent", "tag_id", "tag", "CASCADE"),
        _foreign_key("tag_parent", "parent_id", "tag", "CASCADE", deferred=True),
    )
    op.create_index("ix_tag_parent_parent_id", "tag_parent", ["parent_id"])


def _create_studio() -> None:
    op.create_table(
        "studio",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("aliases", sa.JSON, nullable=False),
        sa.Column("parent_id", sa.Integer),
        *_timestamps(),
        sa.PrimaryKeyConstraint("id", name="pk_studio"),
        _foreign_key("studio", "parent_id", "studio", "SET NULL", deferred=True),
    )
    op.create_index("ix_studio_parent_id", "studio", ["parent_id"])


def _create_scene() -> None:
    op.create_table(
        "scene",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("details", sa.String, nullable=False),
        sa.Column("director", sa.String, nullable=False),
        sa.Column("urls", sa.JSON, nullable=False),
        sa.Column("date", sa.String),
        sa.Column("rating100", sa.Integer),
        sa.Column("organized", sa.Boolean, nullable=False),
        sa.Column("studio_id", sa.Integer),
        *_timestamps(),
        sa.Column("needs_reading", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scene"),
        _foreign_key("scene", "studio_id", "studio", "SET NULL"),
    )
    op.create_index("ix_scene_studio_id", "scene", ["studio_id"])


def _create_scene_file() -> None:
    op.create_table(
        "scene_file",
        sa.Column("scene_id", sa.Integer, nullable=False),
        sa.Column("file_id", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("basename", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("duration", sa.Double, nullable=False),
        sa.Column("video_codec", sa.String, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("frame_rate", sa.Double, nullable=False),
        sa.Column("bit_rate", sa.BigInteger, nullable=False),
        sa.Column("mod_time", sa.String, nullable=False),
        sa.Column("fingerprints", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("scene_id", "file_id", name="pk_scene_file"),
        _foreign_key("scene_file", "scene_id", "scene", "CASCADE"),
    )


def _create_links() -> None:
    for other in ("performer", "tag"):
        table, column = f"scene_{other}", f"{other}_id"
        op.create_table(
            table,
            sa.Column("scene_id", sa.Integer, nullable=False),
            sa.Column(column, sa.Integer, nullable=False),
            sa.PrimaryKeyConstraint("scene_id", column, name=f"pk_{table}"),
            _foreign_key(table, "scene_id", "scene", "CASCADE"),
            _foreign_key(table, column, other, "CASCADE"),
        )
        op.create_index(f"ix_{table}_{column}", table, [column])


def _create_sync_history() -> None:
    op.create_table(
        "sync_history",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("job_id", sa.String, nullable=False),
        sa.Column("force", sa.Boolean, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("started_at", sa.String, nullable=False),
        sa.Column("finished_at", sa.String),
        sa.Column("result", sa.JSON),
        sa.Column("error", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_sync_history"),
    )
    op.create_index("ix_sync_history_job_id", "sync_history", ["job_id"])
    op.create_index("ix_sync_history_status", "sync_history", ["status"])


def _timestamps() -> list[sa.Column[str]]:
    return [
        sa.Column("created_at", sa.String, nullable=False),
        sa.Column("updated_at", sa.String, nullable=False),
        sa.Column("missing_since", sa.String),
    ]


def _foreign_key(
    table: str, column: str, other: str, ondelete: str, *, deferred: bool = False
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{other}.id"],
        name=f"fk_{table}_{column}",
        ondelete=ondelete,
        deferrable=True if deferred else None,
        initially="DEFERRED" if deferred else None,
    )
