"""Recordings of a real server, reduced and with made-up data, hold both the client and the demo to the truth.

The demo and the client have one author and could share an error: a real server is the third opinion.
"""

import json
from typing import Any

import httpx2
import pytest
from tests.stashwork.helpers import Reply, Request, Stub, Waits, data, described, recording

from stashwork.demo import DemoStash, Library, seeded_library, serve_demo
from stashwork.demo.schema import NEW_VERSION, OLD_VERSION, demo_schema
from stashwork.stash import Scene, SceneFile, StashClient, StashRefusedQuery, StashUnauthorized

QUERIES, MUTATIONS, REFUSALS = recording("queries"), recording("mutations"), recording("refusals")
TYPES: dict[str, dict[str, list[str]]] = recording("introspection")["versions"]
KEYS = {"right": {"ApiKey": "right"}, "wrong": {"ApiKey": "wrong"}, "none": {}}
MADE = "2026-05-04T09:30:00-05:00"


def cases(recorded: dict[str, Any]) -> list[str]:
    return [name for name in recorded if not name.startswith("_")]


# The client reads what a real server sends


class Replay(Stub):
    """Answers the client's own documents with what was recorded for the same question."""

    def __init__(self, version: str = OLD_VERSION) -> None:
        super().__init__(self._replay)
        self._types = TYPES[version]

    def _replay(self, request: Request) -> Reply:
        name = request.query.removeprefix("query ").split("(")[0].split(" ")[0]
        if name == "Introspect":
            return data(described(self._types))
        recorded = {
            "Version": "version",
            "Counts": "counts",
            "SceneIndex": "scene_index",
            "ScenesById": "scene_page",
            "Performers": "performers",
            "Tags": "tags",
            "Studios": "studios",
        }
        return Reply(200, json.dumps(QUERIES[recorded[name]]["response"]).encode())


@pytest.mark.parametrize("version", [OLD_VERSION, NEW_VERSION])
async def test_the_client_reads_the_recordings(waits: Waits, version: str) -> None:
    async with Replay(version).serve() as stub, StashClient(stub.url, retry=waits.policy) as stash:
        assert (await stash.version()).version == "v0.22.1"
        counts = await stash.counts()
        assert (counts.scenes, counts.performers, counts.tags, counts.studios) == (3, 2, 2, 2)
        [index] = [page async for page in stash.scene_index()]
        assert [entry.id for entry in index.items] == [1, 3, 12]
        assert index.is_complete
        assert [found.aliases for found in (await stash.performers()).items] == [("A. Reed",), ()]
        assert [tag.parent_ids for tag in (await stash.tags()).items] == [(), (2,)]
        assert [studio.parent_id for studio in (await stash.studios()).items] == [None, 1]


async def test_the_client_reads_a_recorded_scene(waits: Waits) -> None:
    file = SceneFile(
        id=5,
        path="/media/ferry.mp4",
        basename="ferry.mp4",
        size=71,
        duration=0.8,
        video_codec="h264",
        width=64,
        height=64,
        frame_rate=29.97,
        bit_rate=56030,
        mod_time=MADE,
        fingerprints=(),
    )
    async with Replay().serve() as stub, StashClient(stub.url, retry=waits.policy) as stash:
        batch = await stash.scenes_by_id([1, 3])
    assert batch.rejected == ()
    assert batch.items[0].files[0].size == 5_000_000_000
    assert batch.items[1] == Scene(
        id=3,
        title="The Ferry",
        code="F-3",
        details="<p>On the water</p>",
        director="",
        urls=("https://example.invalid/3",),
        date="2024-02-29",
        rating100=80,
        organized=True,
        created_at=MADE,
        updated_at="2026-05-04T10:00:00-05:00",
        studio_id=2,
        performer_ids=(1, 2),
        tag_ids=(1,),
        files=(file,),
    )


async def test_the_client_understands_recorded_refusals(waits: Waits) -> None:
    recorded = {
        "unknown_field": StashRefusedQuery,
        "no_key": StashUnauthorized,
        "wrong_key": StashUnauthorized,
    }
    for name, expected in recorded.items():
        case = REFUSALS[name]
        body = json.dumps(case["response"]).encode() if case["response"] else b""
        refused = Reply(case["status"], body)
        stub = Stub(lambda request, refused=refused: refused if "apikey" in request.headers else Reply(401))
        async with stub.serve():
            with pytest.raises(expected):
                await StashClient(stub.url, "key", retry=waits.policy).connect()
    assert waits == []


async def test_recorded_mutation_errors_name_their_path(waits: Waits) -> None:
    case = MUTATIONS["aliases_fail_one_by_one"]
    stub = Replay()
    async with stub.serve(), StashClient(stub.url, retry=waits.policy) as stash:
        stub._answer = lambda _: Reply(200, json.dumps(case["response"]).encode())
        answer = await stash.mutate(case["request"]["query"], {})
    assert answer.data == {"a": {"id": "1"}, "b": None}
    assert [error["path"] for error in answer.errors] == [["b"]]


# The demo answers as a real server does


def recorded_library() -> Library:
    library = seeded_library(scenes=3, performers=2, tags=2, studios=2)
    library.update_tag({"id": "1", "name": "Weaving", "aliases": ["Loom"], "parent_ids": ["2"]})
    library.update_performer({"id": "1", "alias_list": ["A"]})
    library.update_studio({"id": "2", "aliases": ["QF"], "parent_id": "1"})
    library.update_scenes(
        [{"id": "1", "studio_id": "2", "performer_ids": ["1"], "tag_ids": ["1"], "urls": ["https://x"]}]
    )
    return library


def shape(value: Any) -> Any:
    """The value's structure: names and kinds, not contents; null fits anything, as it does in GraphQL."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def fits(found: Any, recorded: Any) -> bool:
    """Whether two shapes can come from the same question."""
    if "NoneType" in (found, recorded):
        return True
    if isinstance(found, dict) and isinstance(recorded, dict):
        return list(found) == list(recorded) and all(fits(found[name], recorded[name]) for name in found)
    if isinstance(found, list) and isinstance(recorded, list):
        return all(fits(item, other) for item in found for other in recorded)
    return bool(found == recorded)


async def ask(url: str, case: dict[str, Any]) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False) as http:
        return await http.post(f"{url}/graphql", json=case["request"], headers=KEYS[case.get("key", "right")])


@pytest.mark.parametrize("name", cases(QUERIES))
async def test_the_demo_answers_queries_in_the_recorded_shape(name: str) -> None:
    async with serve_demo(DemoStash(recorded_library(), api_key="right")) as url:
        response = await ask(url, QUERIES[name])
    assert response.status_code == QUERIES[name]["status"]
    found, recorded = response.json(), QUERIES[name]["response"]
    assert fits(shape(found), shape(recorded)), found


async def test_the_demo_counts_and_orders_as_recorded() -> None:
    async with serve_demo(DemoStash(recorded_library())) as url:
        keyset = (await ask(url, QUERIES["scene_keyset"])).json()["data"]["findScenes"]
        performers = (await ask(url, QUERIES["performers"])).json()["data"]["findPerformers"]["performers"]
    assert (keyset["count"], [scene["id"] for scene in keyset["scenes"]]) == (2, ["2"])
    assert performers == sorted(performers, key=lambda found: found["name"])


async def test_the_demo_changes_and_refuses_as_recorded() -> None:
    async with serve_demo(DemoStash(recorded_library())) as url:
        for name in cases(MUTATIONS):
            case = MUTATIONS[name]
            response = await ask(url, case)
            found, recorded = response.json(), case["response"]
            assert response.status_code == case["status"], name
            if name == "empty_title":
                assert found["data"]["sceneUpdate"].pop("updated_at") != recorded["data"]["sceneUpdate"].pop(
                    "updated_at"
                )
            assert found == recorded, name


@pytest.mark.parametrize("name", cases(REFUSALS))
async def test_the_demo_refuses_as_recorded(name: str) -> None:
    async with serve_demo(DemoStash(recorded_library(), api_key="right")) as url:
        response = await ask(url, REFUSALS[name])
    assert response.status_code == REFUSALS[name]["status"]
    if REFUSALS[name]["response"] is not None:
        assert response.json() == REFUSALS[name]["response"]


@pytest.mark.parametrize("version", [OLD_VERSION, NEW_VERSION])
def test_the_demo_has_no_field_that_a_real_server_lacks(version: str) -> None:
    schema = demo_schema(version)
    for name, recorded in TYPES[version].items():
        fields = {text.partition("(")[0] for text in recorded}
        assert set(schema.type_map[name].fields) <= fields, name  # type: ignore[attr-defined]
    arguments = schema.type_map["Query"].fields["findScenes"].args  # type: ignore[attr-defined]
    assert f"findScenes({' '.join(sorted(arguments))})" in [_sorted(text) for text in TYPES[version]["Query"]]


def _sorted(text: str) -> str:
    name, _, arguments = text.partition("(")
    return f"{name}({' '.join(sorted(arguments.rstrip(')').split()))})"
