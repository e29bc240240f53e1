"""The tables of plans: what is proposed, what a person decided, and what came of it."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from stashwork.database import Base


class PlanStatus(StrEnum):
    """Where a plan is. `analyzing`: it still grows; `partly_applied`: something of it may yet be applied."""

    ANALYZING = "analyzing"
    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPLYING = "applying"
    APPLIED = "applied"
    PARTLY_APPLIED = "partly_applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    PARTLY_UNDONE = "partly_undone"
    CLOSED = "closed"  # it is about a library that is no longer here


AT_WORK = (PlanStatus.ANALYZING, PlanStatus.APPLYING, PlanStatus.UNDOING)  # a job changes the plan


class Decision(StrEnum):
    """What a person thinks of a change."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Outcome(StrEnum):
    """What came of a change when it was applied, or of its undoing."""

    DONE = "done"
    ALREADY = "already"  # it was so before
    CONFLICT = "conflict"  # the server has neither the base value nor the proposed one
    GONE = "gone"  # its scene, or what it refers to, is no longer on the server
    FAILED = "failed"  # the server refused it


class Plan(Base):
    """One analysis' proposals. `after_scene_id` is how far the analysis came; `job_id` is unique."""

    __tablename__ = "plan"
    __table_args__ = (UniqueConstraint("job_id", name="uq_plan_job_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str]
    status: Mapped[str] = mapped_column(index=True)
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[str]
    updated_at: Mapped[str]
    after_scene_id: Mapped[int]
    scenes: Mapped[int]
    scenes_with_changes: Mapped[int]
    ai_usage: Mapped[dict[str, Any]] = mapped_column(JSON)


class PlanChange(Base):
    """One proposed change of one field of one scene.

    `proposed` is a text, or `{"id", "name"}` for performers, studio and tags; `base` is the value at the analysis
    in the same form, or, for an action "add", None. `key` tells equal proposals. `live` is what the server had
    instead when the outcome is a conflict.
    """

    __tablename__ = "plan_change"
    __table_args__ = (
        UniqueConstraint("plan_id", "scene_id", "field", "key", name="uq_plan_change_proposal"),
        Index("ix_plan_change_decision", "plan_id", "decision", "field", "confidence"),
        Index("ix_plan_change_outcome", "plan_id", "outcome", "scene_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    scene_id: Mapped[int]
    field: Mapped[str]
    action: Mapped[str]
    key: Mapped[str]
    base: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    proposed: Mapped[Any] = mapped_column(JSON)
    edited: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    confidence: Mapped[float]
    reason: Mapped[str]
    source: Mapped[str]
    decision: Mapped[str]
    outcome: Mapped[str | None]
    undo_outcome: Mapped[str | None]
    live: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    note: Mapped[str | None]


class PlanScene(Base):
    """What the number of a scene stood for when the plan was made: `created_at` and `files` of a SceneIdentity."""

    __tablename__ = "plan_scene"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    scene_id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[str]
    files: Mapped[dict[str, list[str]]] = mapped_column(JSON)


class Rejection(Base):
    """A value that a person does not want for a field of a scene: it is not proposed again.

    `created_at` and `files` are those of the scene's SceneIdentity.
    """

    __tablename__ = "rejection"

    scene_id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[str] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    files: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    rejected_at: Mapped[str]


class JournalEntry(Base):
    """What is about to be written to one scene (`finished_at` is None), or was.

    `changes` maps the ids of changes to the values (server ids, texts) that they have when they are written.
    """

    __tablename__ = "plan_journal"
    __table_args__ = (Index("ix_plan_journal_open", "plan_id", "finished_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    scene_id: Mapped[int]
    direction: Mapped[str]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    started_at: Mapped[str]
    finished_at: Mapped[str | None]


class CreatedEntity(Base):
    """A performer, studio or tag that an apply made, or is about to make (`entity_id` is None)."""

    __tablename__ = "plan_created"
    __table_args__ = (UniqueConstraint("plan_id", "kind", "key", name="uq_plan_created_name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    kind: Mapped[str]
    key: Mapped[str]
    name: Mapped[str]
    entity_id: Mapped[int | None]


def is_open(outcome: Any) -> ColumnElement[bool]:
    """Whether a change may still be written, by its `outcome` or `undo_outcome`: it was not yet, or that failed."""
    found: ColumnElement[bool] = outcome.is_(None) | outcome.in_((Outcome.CONFLICT, Outcome.FAILED))
    return found


def is_scene_of_change() -> ColumnElement[bool]:
    """Joins each PlanChange with its PlanScene."""
    return (PlanScene.plan_id == PlanChange.plan_id) & (PlanScene.scene_id == PlanChange.scene_id)
