"""The tables of the local copy. `SyncService` is the only writer of all but the plans that refer to them.

Ids are the server's. Timestamps that came from the server are its own texts, to be compared with themselves
only; those that we make are UTC, ISO 8601.
"""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Table
from sqlalchemy.orm import Mapped, mapped_column

from stashwork.database import Base

scene_performer = Table(
    "scene_performer",
    Base.metadata,
    Column("scene_id", ForeignKey("scene.id", ondelete="CASCADE"), primary_key=True),
    Column("performer_id", ForeignKey("performer.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_scene_performer_performer_id", "performer_id"),
)

scene_tag = Table(
    "scene_tag",
    Base.metadata,
    Column("scene_id", ForeignKey("scene.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_scene_tag_tag_id", "tag_id"),
)

tag_parent = Table(
    "tag_parent",
    Base.metadata,
    Column("tag_id", ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "parent_id",
        # Checked at the commit: a parent may come after its child.
        ForeignKey("tag.id", ondelete="CASCADE", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    Index("ix_tag_parent_parent_id", "parent_id"),
)


class Performer(Base):
    """A person; unique on the server by name and disambiguation."""

    __tablename__ = "performer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    disambiguation: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(JSON)
    favorite: Mapped[bool]
    ignore_auto_tag: Mapped[bool]
    created_at: Mapped[str]
    updated_at: Mapped[str]


class Tag(Base):
    """A tag; its parents are in `tag_parent`."""

    __tablename__ = "tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(JSON)
    ignore_auto_tag: Mapped[bool]
    created_at: Mapped[str]
    updated_at: Mapped[str]


class Studio(Base):
    """A studio, perhaps part of another one."""

    __tablename__ = "studio"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(JSON)
    ignore_auto_tag: Mapped[bool]
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("studio.id", ondelete="SET NULL", deferrable=True, initially="DEFERRED"), index=True
    )
    created_at: Mapped[str]
    updated_at: Mapped[str]


class SceneFile(Base):
    """One file of a scene: size in bytes, duration in seconds; position 0 is the primary one."""

    __tablename__ = "scene_file"

    scene_id: Mapped[int] = mapped_column(ForeignKey("scene.id", ondelete="CASCADE"), primary_key=True)
    file_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    path: Mapped[str]
    basename: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    duration: Mapped[float]
    video_codec: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    frame_rate: Mapped[float]
    bit_rate: Mapped[int] = mapped_column(BigInteger)
    mod_time: Mapped[str]
    fingerprints: Mapped[list[list[str]]] = mapped_column(JSON)


class Scene(Base):
    """A scene. `needs_reading` marks rows that may be out of date although `updated_at` is not."""

    __tablename__ = "scene"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    code: Mapped[str]
    details: Mapped[str]
    director: Mapped[str]
    urls: Mapped[list[str]] = mapped_column(JSON)
    date: Mapped[str | None]
    rating100: Mapped[int | None]
    organized: Mapped[bool]
    studio_id: Mapped[int | None] = mapped_column(ForeignKey("studio.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[str]
    updated_at: Mapped[str]
    needs_reading: Mapped[bool]


class SyncHistory(Base):
    """One run of the sync: running, completed, failed, cancelled or interrupted; `code` tells its errors apart.

    `marks` are where the next run goes on, if it ended well.
    """

    __tablename__ = "sync_history"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(index=True)
    force: Mapped[bool]
    status: Mapped[str] = mapped_column(index=True)
    started_at: Mapped[str]
    finished_at: Mapped[str | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[str | None]
    code: Mapped[str | None]
    marks: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
