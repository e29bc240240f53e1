"""A made-up library: the same numbers and the same seed give the same library, to the last character."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import TypeVar

from . import words
from .library import LOCAL_TIME, Clock, Fingerprint, Library, Meant, Performer, Scene, Studio, Tag, VideoFile, now

Item = TypeVar("Item", Performer, Tag)

_FIRST_MOMENT = datetime(2025, 3, 1, 8, 0, tzinfo=LOCAL_TIME)
_HEIGHTS = (480, 720, 1080, 2160)


def seeded_library(
    scenes: int = 2000,
    performers: int = 300,
    tags: int = 150,
    studios: int = 40,
    *,
    seed: int = 1,
    clock: Clock = now,
) -> Library:
    """Make a library of the given sizes; `clock` is what later changes are dated with."""
    moments = _Moments()
    library = Library(clock=moments)
    rng = Random(seed)  # noqa: S311 -- repeatable on purpose, nothing secret
    _add_tags(library, rng, tags)
    _add_studios(library, rng, studios)
    _add_performers(library, rng, performers)
    for _ in range(scenes):
        _add_scene(library, rng)
    library.use_clock(clock)
    return library


class _Moments:
    """A clock that goes on by half a minute each time that it is read."""

    def __init__(self) -> None:
        self._moment = _FIRST_MOMENT

    def __call__(self) -> datetime:
        self._moment += timedelta(seconds=30)
        return self._moment


def _add_tags(library: Library, rng: Random, count: int) -> None:
    parents: list[Tag] = []
    names = [
        *words.TAG_FIELDS,
        *(f"{field} {topic}" for field, topic in product(words.TAG_FIELDS, words.TAG_TOPICS)),
    ]
    for number, name in enumerate(_distinct_names(names, count)):
        aliases = [f"#{name.replace(' ', '').casefold()}"] if rng.random() < 0.2 else []
        parent = [] if number < len(words.TAG_FIELDS) or not parents else [rng.choice(parents).id]
        tag = library.create_tag({"name": name, "aliases": aliases, "parent_ids": parent})
        if number < len(words.TAG_FIELDS):
            parents.append(tag)


def _add_studios(library: Library, rng: Random, count: int) -> None:
    names = [f"{first} {last}" for first, last in product(words.STUDIO_FIRST, words.STUDIO_LAST)]
    rng.shuffle(names)
    for name in _distinct_names(names, count):
        made = list(library.studios.values())
        parent = rng.choice(made).id if made and rng.random() < 0.25 else None
        library.create_studio({"name": name, "parent_id": parent, "aliases": [name.replace(" ", "")]})


def _add_performers(library: Library, rng: Random, count: int) -> None:
    names = [f"{first} {last}" for first, last in product(words.FIRST_NAMES, words.LAST_NAMES)]
    rng.shuffle(names)
    for number, name in enumerate(_distinct_names(names, count)):
        first, _, last = name.partition(" ")
        aliases = [f"{first[0]}. {last}"] if rng.random() < 0.3 else []
        entry = {"name": name, "alias_list": aliases, "favorite": rng.random() < 0.1}
        library.create_performer({**entry, "disambiguation": "potter" if number % 50 == 49 else ""})


def _distinct_names(names: Sequence[str], count: int) -> list[str]:
    """The first `count` of the names; when there are too few they come again with a number."""
    rounds = range(1, count // len(names) + 2)
    numbered = [name if turn == 1 else f"{name} {turn}" for turn in rounds for name in names]
    return numbered[:count]


def _add_scene(library: Library, rng: Random) -> Scene:
    performers = _sample(rng, list(library.performers.values()), 3)
    tags = _sample(rng, list(library.tags.values()), 5)
    studios = list(library.studios.values())
    studio = rng.choice(studios) if studios and rng.random() < 0.9 else None
    title = f"{rng.choice(words.ADJECTIVES)} {rng.choice(words.NOUNS)}{rng.choice(words.TITLE_ENDINGS)}"
    date = (datetime(2012, 1, 1, tzinfo=LOCAL_TIME) + timedelta(days=rng.randrange(4700))).date().isoformat()
    scene = library.create_scene()
    scene.files = _files(rng, int(scene.id), _path(rng, title, date, studio, performers))
    people = frozenset(int(performer.id) for performer in performers)
    library.meant[int(scene.id)] = Meant(int(studio.id) if studio else None, people, date)
    if rng.random() < 0.6:  # the others are as a scan leaves them: only the file's name tells something
        scene.title, scene.date, scene.studio = title, date, studio
        scene.performers, scene.tags = performers, tags
        _add_extras(rng, scene)
    return scene


def _add_extras(rng: Random, scene: Scene) -> None:
    scene.details = rng.choice(words.DETAILS)
    scene.code = f"SW-{int(scene.id):05d}" if rng.random() < 0.3 else ""
    scene.urls = [f"https://example.invalid/scenes/{scene.id}"] if rng.random() < 0.5 else []
    scene.rating100 = rng.choice((20, 40, 60, 80, 100)) if rng.random() < 0.4 else None
    scene.organized = rng.random() < 0.3


def _sample(rng: Random, items: list[Item], most: int) -> list[Item]:
    return rng.sample(items, min(len(items), rng.randint(0, most)))


def _path(rng: Random, title: str, date: str, studio: Studio | None, performers: Sequence[Performer]) -> str:
    house = studio.name if studio else "Unsorted"
    people = [performer.name for performer in performers] or ["Various"]
    file_title = title.replace("/", "-").replace(":", " -")
    dotted = ".".join((house, date[2:].replace("-", "."), *people, file_title)).replace(" ", ".")
    styles = (
        f"{house}/{house} - {date} - {', '.join(people)} - {file_title} [1080p]",
        f"{house}/{date[:4]}/{date[5:7]}/{file_title} - {' & '.join(people)}",
        f"{dotted}.1080p.WEB",
        f"{people[0]}/{date} {file_title}",
        f"downloads/{file_title} ({date[:4]}) {house}".replace(" ", "_").lower(),
        f"camera/VID_{date.replace('-', '')}_{rng.randrange(10**6):06d}",
        f"{house}/[{house}] {' and '.join(people)}, {file_title} ({date})",
    )
    return f"/media/{rng.choice(styles)}.mp4"


def _files(rng: Random, scene_number: int, path: str) -> list[VideoFile]:
    copies = 2 if rng.random() < 0.05 else 1
    return [
        _file(rng, 2 * scene_number + copy, path if copy == 0 else f"{path[:-4]} (copy).mp4") for copy in range(copies)
    ]


def _file(rng: Random, number: int, path: str) -> VideoFile:
    height, duration = rng.choice(_HEIGHTS), round(rng.uniform(20, 5400), 2)
    bit_rate = height * 4000 + rng.randrange(500_000)
    moment = _FIRST_MOMENT - timedelta(minutes=rng.randrange(500_000))
    return VideoFile(
        id=str(number),
        path=path,
        basename=path.rpartition("/")[2],
        mod_time=moment.isoformat(timespec="seconds"),
        size=int(duration * bit_rate / 8),
        fingerprints=[Fingerprint("oshash", f"{rng.getrandbits(64):016x}")],
        width=height * 16 // 9,
        height=height,
        duration=duration,
        frame_rate=rng.choice((24.0, 25.0, 29.97, 60.0)),
        bit_rate=bit_rate,
        updated_at=moment.isoformat(timespec="seconds"),
    )
