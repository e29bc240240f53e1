"""What an analysis is asked to do."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from stashwork.detectors import Wanted

MAX_SCENE_IDS = 100_000


@dataclass(frozen=True, slots=True)
class SceneFilter:
    """Which scenes to look at: all conditions that are given have to hold.

    `path_contains` is compared without case; `lacking` names a field ("studio", "performers", "tags", "date",
    "title") that is empty.
    """

    organized: bool | None = None
    path_contains: str | None = None
    studio_id: int | None = None
    lacking: str | None = None


@dataclass(frozen=True, slots=True)
class AnalysisOptions:
    """What to look for, and in which scenes: those of `scene_ids` if given, and of `filters`.

    Scenes that are marked *Organized* are left alone, unless `include_organized` or `filters.organized` asks for them.
    Proposals below `confidence_threshold` (0 to 1) are dropped. `create_missing` proposes performers, studios and
    tags that the library does not have. `use_ai` also asks the language model that the service was given.

    >>> AnalysisOptions.of({"detect_tags": False}).detect_tags
    False
    """

    detect_performers: bool = True
    detect_studios: bool = True
    detect_tags: bool = True
    detect_details: bool = True
    detect_title: bool = True
    detect_date: bool = True
    technical_tags: bool = False
    use_ai: bool = False
    create_missing: bool = False
    include_organized: bool = False
    confidence_threshold: float = 0.7
    scene_ids: tuple[int, ...] | None = None
    filters: SceneFilter = SceneFilter()

    def __post_init__(self) -> None:
        if not 0 <= self.confidence_threshold <= 1:
            raise ValueError(f"confidence_threshold is a number from 0 to 1, and not {self.confidence_threshold}")
        if self.scene_ids is not None and len(self.scene_ids) > MAX_SCENE_IDS:
            raise ValueError(
                f"scene_ids has at most {MAX_SCENE_IDS:,} ids, and not {len(self.scene_ids):,}; "
                "leave it out to look at all scenes"
            )
        lacking = self.filters.lacking
        if lacking not in (None, "studio", "performers", "tags", "date", "title"):
            raise ValueError(f"filters.lacking is one of studio, performers, tags, date, title, and not {lacking!r}")

    @classmethod
    def of(cls, values: dict[str, Any] | None) -> "AnalysisOptions":
        """Options from JSON. Raises ValueError that names what is wrong."""
        values = dict(values or {})
        filters = _check_names("filters", SceneFilter, values.pop("filters", None) or {})
        scene_ids = values.pop("scene_ids", None)
        options = _check_names("options", cls, values)
        for name, value in options.items():
            wanted: tuple[type, ...] = (int, float) if name == "confidence_threshold" else (bool,)
            if not isinstance(value, wanted) or (bool not in wanted and isinstance(value, bool)):
                raise ValueError(f"{name} is {'a number' if bool not in wanted else 'true or false'}")
        return cls(**options, scene_ids=_read_ids(scene_ids), filters=SceneFilter(**filters))

    def dict(self) -> dict[str, Any]:
        """All of it as plain JSON content."""
        return asdict(self)

    @property
    def leaves_organized(self) -> bool:
        """Whether scenes that their owner has marked as finished are left alone."""
        return not self.include_organized and not self.filters.organized

    @property
    def wanted(self) -> Wanted:
        """What the detectors have to look for."""
        return Wanted(
            performers=self.detect_performers,
            studio=self.detect_studios,
            tags=self.detect_tags,
            details=self.detect_details,
            title=self.detect_title,
            date=self.detect_date,
            technical_tags=self.technical_tags,
            missing=self.create_missing,
        )


def _check_names(what: str, kind: type[Any], values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise ValueError(f"{what} is an object")
    names = {field.name for field in fields(kind)}
    unknown = sorted(set(values) - names)
    if unknown:
        raise ValueError(f"unknown in {what}: {', '.join(unknown)}; known are {', '.join(sorted(names))}")
    return values


def _read_ids(values: Any) -> tuple[int, ...] | None:
    if values is None:
        return None
    try:
        return tuple(sorted({int(value) for value in values}))
    except (TypeError, ValueError) as error:
        raise ValueError("scene_ids is a list of whole numbers") from error
