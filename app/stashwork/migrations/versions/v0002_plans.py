"""Plans: proposed changes, decisions about them, and the journal of what was written."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of plans."""
    _create_plan()
    _create_plan_change()
    _create_rejection()
    _create_journal()
    _create_created()


def _create_plan() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("job_id", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("created_at", sa.String, nullable=False),
        sa.Column("updated_at", sa.String, nullable=False),
        sa.Column("after_scene_id", sa.Integer, nullable=False),
        sa.Column("scenes", sa.Integer, nullable=False),
        sa.Column("scenes_with_changes", sa.Integer, nullable=False),
        sa.Column("ai_usage", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plan"),
        sa.UniqueConstraint("job_id", name="uq_plan_job_id"),
    )
    op.create_index("ix_plan_status", "plan", ["status"])


def _create_plan_change() -> None:
    op.create_table(
        "plan_change",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("plan_id", sa.Integer, nullable=False),
        sa.Column("scene_id", sa.Integer, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("field", "action", "key")),
        sa.Column("base", sa.JSON),
        sa.Column("proposed", sa.JSON, nullable=False),
        sa.Column("edited", sa.JSON),
        sa.Column("confidence", sa.Double, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("reason", "source", "decision")),
        sa.Column("outcome", sa.String),
        sa.Column("undo_outcome", sa.String),
        sa.Column("live", sa.JSON),
        sa.Column("note", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_plan_change"),
        _of_plan("plan_change"),
        sa.UniqueConstraint("plan_id", "scene_id", "field", "key", name="uq_plan_change_proposal"),
    )
    op.create_index("ix_plan_change_decision", "plan_change", ["plan_id", "decision", "field", "confidence"])
    op.create_index("ix_plan_change_outcome", "plan_change", ["plan_id", "outcome", "scene_id"])


def _create_rejection() -> None:
    op.create_table(
        "rejection",
        sa.Column("scene_id", sa.Integer, nullable=False),
        sa.Column("field", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("rejected_at", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("scene_id", "field", "key", name="pk_rejection"),
    )


def _create_journal() -> None:
    op.create_table(
        "plan_journal",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("plan_id", sa.Integer, nullable=False),
        sa.Column("scene_id", sa.Integer, nullable=False),
        sa.Column("direction", sa.String, nullable=False),
        sa.Column("changes", sa.JSON, nullable=False),
        sa.Column("started_at", sa.String, nullable=False),
        sa.Column("finished_at", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_plan_journal"),
        _of_plan("plan_journal"),
    )
    op.create_index("ix_plan_journal_open", "plan_journal", ["plan_id", "finished_at"])


def _create_created() -> None:
    op.create_table(
        "plan_created",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("plan_id", sa.Integer, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("kind", "key", "name")),
        sa.Column("entity_id", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_plan_created"),
        _of_plan("plan_created"),
        sa.UniqueConstraint("plan_id", "kind", "key", name="uq_plan_created_name"),
    )


def _of_plan(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=f"fk_{table}_plan_id", ondelete="CASCADE")
