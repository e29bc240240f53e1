"""What changes and rejections are about: the scene that had the number then. Nothing is marked as missing any more."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_FILES = """
json_object(
  'paths', (SELECT json_group_array(path) FROM scene_file WHERE scene_id = scene.id),
  'fingerprints', (
    SELECT json_group_array(json_extract(pair.value, '$[0]') || ':' || json_extract(pair.value, '$[1]'))
    FROM scene_file, json_each(scene_file.fingerprints) AS pair WHERE scene_id = scene.id
  )
)
"""


def upgrade() -> None:
    """Fill in what the local copy says; what it does not know is about no scene, and is not written."""
    _create_plan_scene()
    _replace_rejection()
    _drop_missing()
    op.add_column("sync_history", sa.Column("code", sa.String))


def _create_plan_scene() -> None:
    op.create_table(
        "plan_scene",
        sa.Column("plan_id", sa.Integer, nullable=False),
        sa.Column("scene_id", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "scene_id", name="pk_plan_scene"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_plan_scene_plan_id", ondelete="CASCADE"),
    )
    op.execute(
        f"INSERT INTO plan_scene SELECT DISTINCT plan_id, scene.id, scene.created_at, {_FILES} "  # noqa: S608
        "FROM plan_change JOIN scene ON scene.id = plan_change.scene_id"
    )


def _replace_rejection() -> None:
    op.rename_table("rejection", "old_rejection")
    op.create_table(
        "rejection",
        sa.Column("scene_id", sa.Integer, nullable=False),
        sa.Column("created_at", sa.String, nullable=False),
        sa.Column("field", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("rejected_at", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("scene_id", "created_at", "field", "key", name="pk_rejection"),
    )
    op.execute(
        f"INSERT INTO rejection SELECT scene.id, scene.created_at, field, key, {_FILES}, rejected_at "  # noqa: S608
        "FROM old_rejection JOIN scene ON scene.id = old_rejection.scene_id"
    )
    op.drop_table("old_rejection")


def _drop_missing() -> None:
    for table in ("scene", "performer", "tag", "studio"):
        op.execute(f"DELETE FROM {table} WHERE missing_since IS NOT NULL")  # noqa: S608
        op.drop_column(table, "missing_since")
