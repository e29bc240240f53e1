"""The demo: the same seed makes the same library, and it obeys the rules that real servers have."""

import asyncio
import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stashwork.demo import DemoStash, Faults, Library, seeded_library, serve_demo
from stashwork.demo.library import LOCAL_TIME, Refused
from stashwork.stash import StashClient, StashRefusedQuery

START = datetime(2026, 5, 4, 9, 30, tzinfo=LOCAL_TIME)


class Clock:
    """Goes on by a minute each time that it is read."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        self.moment += timedelta(minutes=1)
        return self.moment


def small(**options: Any) -> Library:
    return seeded_library(scenes=12, performers=4, tags=5, studios=3, clock=Clock(), **options)


def fingerprint(library: Library) -> str:
    described = [
        (s.id, s.title, s.details, s.date, s.updated_at, s.files[0].path, [t.id for t in s.tags])
        for s in library.scenes.values()
    ]
    return hashlib.sha256(json.dumps(described).encode()).hexdigest()


async def graphql(url: str, query: str, **variables: Any) -> Any:
    async with httpx2.AsyncClient(trust_env=False) as http:
        response = await http.post(f"{url}/graphql", json={"query": query, "variables": variables})
    return response.json()


# The made-up library


def test_the_default_library_is_of_the_promised_size_and_varied() -> None:
    library = seeded_library()
    scenes = library.scenes.values()
    sizes = (len(scenes), len(library.performers), len(library.tags), len(library.studios))
    assert sizes == (2000, 300, 150, 40)
    assert any("<p>" in scene.details for scene in scenes)
    assert any("\u0590" < character < "\u06ff" for scene in scenes for character in scene.title)
    assert any(studio.parent_studio for studio in library.studios.values())
    assert any(tag.parents for tag in library.tags.values())
    assert any(len(scene.files) == 2 for scene in scenes)
    assert any(not scene.title for scene in scenes)
    assert len({scene.files[0].path.count("/") for scene in scenes}) > 2
    assert len({performer.name for performer in library.performers.values()}) == 300


def test_the_seed_decides_everything() -> None:
    assert fingerprint(small()) == fingerprint(small())
    assert fingerprint(small()) != fingerprint(small(seed=2))


@settings(max_examples=20, deadline=None)
@given(
    scenes=st.integers(0, 5),
    performers=st.integers(0, 1500),
    tags=st.integers(0, 400),
    studios=st.integers(0, 200),
)
def test_any_size_can_be_made(scenes: int, performers: int, tags: int, studios: int) -> None:
    library = seeded_library(scenes, performers, tags, studios)
    made = (library.scenes, library.performers, library.tags, library.studios)
    assert [len(items) for items in made] == [scenes, performers, tags, studios]


# The rules


def test_timestamps_are_local_text_with_the_offset() -> None:
    library = small()
    library.update_scenes([{"id": "1", "title": "New"}])
    assert library.scenes[1].updated_at == "2026-05-04T09:31:00-05:00"


def test_a_change_that_changes_nothing_is_dated_too() -> None:
    library = small()
    title = library.scenes[1].title
    before = library.scenes[1].updated_at
    library.update_scenes([{"id": "1", "title": title}])
    assert library.scenes[1].updated_at != before


@pytest.mark.parametrize(
    "change",
    [
        lambda library: library.update_tag({"id": "1", "name": "Other"}),
        lambda library: library.destroy_tag("1"),
        lambda library: library.update_performer({"id": "1", "name": "Other"}),
        lambda library: library.destroy_performer("1"),
        lambda library: library.update_studio({"id": "1", "name": "Other"}),
        lambda library: library.destroy_studio("1"),
    ],
)
def test_scenes_are_not_dated_when_what_they_use_changes(change: Callable[[Library], object]) -> None:
    library = small()
    entry = {"id": "1", "tag_ids": ["1"], "performer_ids": ["1"], "studio_id": "1"}
    scene = library.update_scenes([entry])[0]
    before = scene.updated_at
    change(library)
    assert scene.updated_at == before
    left = [item for item in (*scene.tags, *scene.performers, scene.studio) if item is not None]
    known = [*library.tags.values(), *library.performers.values(), *library.studios.values()]
    assert len(left) == 2 or "Other" in [item.name for item in left]
    assert all(item in known for item in left)


def test_what_is_destroyed_is_gone_from_parents_and_children() -> None:
    library = small()
    library.update_tag({"id": "1", "parent_ids": ["2"]})
    library.update_studio({"id": "1", "parent_id": "2"})
    assert library.tags[2].children == [library.tags[1]]
    library.destroy_tag("2")
    library.destroy_studio("2")
    assert library.tags[1].parents == []
    assert library.studios[1].parent_studio is None


def test_tags_are_unique_by_name_and_alias_whatever_the_case() -> None:
    library = small()
    library.create_tag({"name": "Loom", "aliases": ["Weaver"]})
    for name in ("loom", "LOOM", "weaver"):
        with pytest.raises(Refused, match=r"already exists|is used as alias"):
            library.create_tag({"name": name})
    with pytest.raises(Refused):
        library.create_tag({"name": "New", "aliases": ["wEAVER"]})
    library.update_tag({"id": "6", "name": "LOOM"})  # its own name, in another case
    assert len(library.tags) == 6


def test_performers_are_unique_by_name_and_disambiguation() -> None:
    library = small()
    library.create_performer({"name": "Bea"})
    library.create_performer({"name": "Bea", "disambiguation": "potter"})
    with pytest.raises(Refused):
        library.create_performer({"name": "Bea", "disambiguation": "potter"})


def test_studios_may_differ_by_case_only() -> None:
    library = small()
    library.create_studio({"name": "Quay"})
    library.create_studio({"name": "quay"})
    with pytest.raises(Refused):
        library.create_studio({"name": "quay"})


def test_one_bad_id_refuses_all_updates() -> None:
    library = small()
    before = fingerprint(library)
    for bad in ({"id": "99"}, {"id": "1", "tag_ids": ["99"]}, {"id": "x"}):
        with pytest.raises(Refused):
            library.update_scenes([{"id": "2", "title": "never"}, bad])
    with pytest.raises(Refused):
        library.bulk_update_scenes({"ids": ["1", "99"], "title": "never"})
    assert fingerprint(library) == before


def test_bulk_changes_of_ids_can_be_repeated() -> None:
    library = small()

    def tags(mode: str, *ids: str) -> list[str]:
        library.bulk_update_scenes({"ids": ["1"], "tag_ids": {"ids": list(ids), "mode": mode}})
        return [tag.id for tag in library.scenes[1].tags]

    assert tags("SET", "3", "1") == tags("SET", "3", "1") == ["3", "1"]
    assert tags("ADD", "1", "2") == tags("ADD", "1", "2") == ["3", "1", "2"]
    assert tags("REMOVE", "3", "5") == tags("REMOVE", "3", "5") == ["1", "2"]


# Over HTTP


async def test_pages_orders_and_filters() -> None:
    async with serve_demo(DemoStash(small())) as url:

        async def ids(scene_filter: Any = None, **page: Any) -> list[int]:
            query = (
                "query($f: FindFilterType, $s: SceneFilterType) "
                "{ findScenes(filter: $f, scene_filter: $s) { scenes { id } } }"
            )
            answer = await graphql(url, query, f={"sort": "id", **page}, s=scene_filter)
            return [int(scene["id"]) for scene in answer["data"]["findScenes"]["scenes"]]

        def where(modifier: str, value: int, value2: int | None = None) -> Any:
            return {"id": {"modifier": modifier, "value": value, "value2": value2}}

        assert await ids(per_page=-1) == list(range(1, 13))
        assert await ids(per_page=5, page=3) == [11, 12]
        assert await ids(per_page=3, direction="DESC") == [12, 11, 10]
        assert await ids(where("GREATER_THAN", 9), per_page=2) == [10, 11]
        assert await ids(where("LESS_THAN", 3)) == [1, 2]
        assert await ids(where("EQUALS", 7)) == [7]
        assert await ids(where("BETWEEN", 4, 6)) == [4, 5, 6]
        assert await ids(where("NOT_BETWEEN", 2, 11)) == [1, 12]


@pytest.mark.parametrize(("version", "argument"), [("v0.22.1", "scene_ids: [2, 1]"), ("v0.30.0", 'ids: ["2", "1"]')])
async def test_scenes_are_found_by_ids(version: str, argument: str) -> None:
    async with serve_demo(DemoStash(small(), version=version)) as url:
        answer = await graphql(url, f"{{ findScenes({argument}) {{ count scenes {{ id }} }} }}")
        assert answer["data"]["findScenes"] == {"count": 2, "scenes": [{"id": "2"}, {"id": "1"}]}


async def test_names_are_found_whatever_the_case() -> None:
    library = small()
    library.create_studio({"name": "Quay"})
    library.create_studio({"name": "quay"})
    query = '{ findStudios(studio_filter: {name: {value: "QUAY", modifier: EQUALS}}) { studios { name } } }'
    async with serve_demo(DemoStash(library)) as url:
        found = (await graphql(url, query))["data"]["findStudios"]["studios"]
    assert [studio["name"] for studio in found] == ["Quay", "quay"]


async def test_aliased_mutations_fail_one_by_one_and_the_client_sees_which() -> None:
    library = small()
    mutation = 'mutation { a: tagCreate(input: {name: "X"}) { id } b: tagCreate(input: {name: "x"}) { id } }'
    async with serve_demo(DemoStash(library)) as url, StashClient(url) as stash:
        answer = await stash.mutate(mutation, {})
        with pytest.raises(StashRefusedQuery, match="tag with name 'x' already exists"):
            await stash.query(mutation, {})
    assert answer.data["b"] is None
    assert [error["path"] for error in answer.errors] == [["b"]]
    assert library.tags[6].name == "X"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"[]", 400), (b"{", 400), (b'{"query": 1}', 400), (b'{"query": "{"}', 422), (b"x" * (9 << 20), 400)],
)
async def test_unusable_requests_are_refused(body: bytes, status: int) -> None:
    async with serve_demo(DemoStash(small())) as url, httpx2.AsyncClient(trust_env=False) as http:
        assert (await http.post(f"{url}/graphql", content=body)).status_code == status


async def test_wrong_variables_are_refused() -> None:
    async with serve_demo(DemoStash(small())) as url:
        answer = await graphql(url, "query($i: ID!) { findScene(id: $i) { id } }", i=[])
    assert answer["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


async def test_faults_come_in_turn_and_can_be_changed() -> None:
    demo = DemoStash(small(), faults=Faults(fail_every=3, drop_every=2))
    async with serve_demo(demo) as url, httpx2.AsyncClient(trust_env=False) as http:

        async def outcome() -> int:
            try:
                return (await http.post(f"{url}/graphql", json={"query": "{version{version}}"})).status_code
            except httpx2.RemoteProtocolError:
                return 0

        assert [await outcome() for _ in range(6)] == [200, 0, 503, 0, 200, 503]
        demo.faults.fail_every = demo.faults.drop_every = 0
        assert [await outcome() for _ in range(3)] == [200, 200, 200]


async def test_latency_delays_each_request() -> None:
    async with serve_demo(DemoStash(small(), faults=Faults(latency=0.05))) as url:
        loop = asyncio.get_running_loop()
        started = loop.time()
        await graphql(url, "{version{version}}")
        assert loop.time() - started >= 0.05


# As a program


async def started(*arguments: str) -> tuple[asyncio.subprocess.Process, str]:
    command = (sys.executable, "-m", "stashwork.demo", "--scenes", "10", *arguments)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert line.startswith("Demo Stash at http://127.0.0.1:")
    return process, line.split()[-1]


async def test_the_program_serves_until_ctrl_c() -> None:
    process, url = await started("--api-key", "sesame")
    async with StashClient(url, "sesame") as stash:
        assert (await stash.counts()).scenes == 10
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")


async def test_the_program_ends_with_its_parent() -> None:
    process, url = await started("--with-parent")
    async with StashClient(url) as stash:
        assert (await stash.version()).version == "v0.22.1"
    assert process.stdin is not None
    process.stdin.close()
    await process.communicate()
    assert process.returncode == 0


async def test_the_program_ends_even_when_its_parent_is_killed() -> None:
    """The parent starts the demo with a pipe and tells the demo's URL; then it is killed without a word."""
    script = (
        "import subprocess, sys, time\n"
        "demo = [sys.executable, '-m', 'stashwork.demo', '--scenes', '5', '--with-parent']\n"
        "child = subprocess.Popen(demo, stdin=subprocess.PIPE)\n"
        "time.sleep(100)\n"
    )
    pipe = asyncio.subprocess.PIPE
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=pipe)
    assert parent.stdout is not None
    assert (await parent.stdout.readline()).startswith(b"Demo Stash at ")
    os.kill(parent.pid, signal.SIGKILL)
    assert await parent.stdout.read() == b""  # the end comes when the demo, too, has closed its output
    await parent.wait()
