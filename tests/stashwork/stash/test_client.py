"""The client against a stub HTTP server: errors, retries, hostile answers, servers of several versions."""

import json
import logging
import socket
from typing import Any

import pytest
from tests.processes import free_port
from tests.stashwork.helpers import Reply, Request, Stub, Waits, answering, data, described

import stashwork.stash.client
from stashwork.stash import (
    Batch,
    Scene,
    StashAnswerTooLarge,
    StashClient,
    StashError,
    StashRefusedQuery,
    StashServerError,
    StashUnauthorized,
    StashUnreachable,
    transport,
)

KEY = "very-secret-key"
TYPES = {
    "Query": ["findScenes(filter scene_filter scene_ids)"],
    "Scene": ["id", "title", "urls", "rating100", "organized", "updated_at", "created_at", "files"],
    "VideoFile": ["id", "path"],
    "Performer": ["id", "name", "alias_list"],
    "Tag": ["id", "name", "aliases", "parents"],
    "Studio": ["id", "name", "parent_studio"],
    "SceneFilterType": ["id"],
}
VERSION = data({"version": {"version": "v1", "build_time": ""}})


def client(url: str, waits: Waits, api_key: str | None = KEY, **options: Any) -> StashClient:
    return StashClient(url, api_key, retry=waits.policy, **options)


def connected(answer: Any, types: dict[str, list[str]] = TYPES) -> Stub:
    """A stub that describes `types`, and answers everything else by `answer(request)`."""

    def reply(request: Request) -> Reply:
        return data(described(types)) if "Introspect" in request.query else answer(request)

    return Stub(reply)


def scene(number: int, **fields: Any) -> dict[str, Any]:
    return {"id": str(number), "title": "t", "updated_at": "now", **fields}


def scenes(count: int, *found: Any) -> Reply:
    return data({"findScenes": {"count": count, "scenes": list(found)}})


async def failure(stub: Stub, waits: Waits, api_key: str | None = KEY, **options: Any) -> StashError:
    """The error that connecting ends with; none of its texts may hold the key."""
    async with stub.serve():
        with pytest.raises(StashError) as caught:
            async with client(stub.url, waits, api_key, **options):
                pass
    assert KEY not in str(caught.value) + repr(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


# Errors


async def test_nothing_listens(waits: Waits) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(StashUnreachable) as caught:
        await client(url, waits).__aenter__()
    assert str(caught.value) == (
        f"Cannot reach Stash at {url}: connection refused. Check that Stash is running and that STASH_URL is right."
    )
    assert waits == [0.25, 0.5, 1.0]


async def test_an_unknown_host_name(waits: Waits, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # a real question would leave this computer
    with pytest.raises(StashUnreachable, match="the host name is unknown"):
        await client("http://no-such-host.invalid:9999", waits).__aenter__()


@pytest.mark.parametrize("url", ["nas:9999", "ftp://nas", "http://", "http://[::1"])
async def test_an_address_that_is_none(waits: Waits, url: str) -> None:
    with pytest.raises(StashUnreachable, match="Check STASH_URL"):
        await client(url, waits).__aenter__()
    assert waits == []


@pytest.mark.parametrize("status", [200, 404, 405, 418])
async def test_a_web_page_is_no_stash(waits: Waits, status: int) -> None:
    stub = answering(Reply(status, b"<html><body>Welcome to your router</body></html>"))
    error = await failure(stub, waits)
    assert isinstance(error, StashUnreachable)
    assert str(error).startswith("What answers at http://127.0.0.1:")
    assert str(error).endswith("Check STASH_URL.")
    assert (len(stub.requests), waits) == (1, [])


@pytest.mark.parametrize("body", [b"[]", b"7", b'{"data": 7}', b"{}", b"[" * 100_000, b"\xff\xfe", b""])
async def test_json_that_is_no_graphql(waits: Waits, body: bytes) -> None:
    assert isinstance(await failure(answering(Reply(200, body)), waits), StashUnreachable)


async def test_a_redirect_gets_no_key(waits: Waits) -> None:
    other = answering(VERSION)
    async with other.serve():
        stub = answering(Reply(302, headers={"Location": f"{other.url}/graphql"}))
        assert isinstance(await failure(stub, waits), StashUnreachable)
    assert other.requests == []


async def test_no_key_where_one_is_wanted(waits: Waits) -> None:
    stub = answering(Reply(401))
    error = await failure(stub, waits, None)
    assert isinstance(error, StashUnauthorized)
    assert "wants an API key. Set STASH_API_KEY" in str(error)
    assert (len(stub.requests), waits) == (1, [])


async def test_a_wrong_key_on_a_new_server(waits: Waits) -> None:
    error = await failure(answering(Reply(401)), waits)
    assert isinstance(error, StashUnauthorized)
    assert "does not accept the API key. Check STASH_API_KEY" in str(error)


async def test_a_wrong_key_on_an_old_server(waits: Waits) -> None:
    stub = Stub(lambda request: Reply(500 if "apikey" in request.headers else 401, b"no"))
    assert isinstance(await failure(stub, waits), StashUnauthorized)
    assert [request.headers.get("apikey") for request in stub.requests] == [KEY, None]
    assert waits == []


async def test_a_server_that_fails_whatever_the_key(waits: Waits) -> None:
    stub = answering(Reply(500, b"boom"))
    error = await failure(stub, waits)
    assert isinstance(error, StashServerError)
    assert "failed with HTTP 500. See the log of Stash" in str(error)
    assert (len(stub.requests), waits) == (2, [])


async def test_an_error_500_that_graphql_explains_is_not_the_key(waits: Waits) -> None:
    stub = answering(Reply(500, b'{"errors": [{"message": "disk full"}]}'))
    error = await failure(stub, waits)
    assert isinstance(error, StashServerError)
    assert "HTTP 500: disk full." in str(error)
    assert len(stub.requests) == 1


async def test_a_refused_query(waits: Waits) -> None:
    body = json.dumps({"errors": [{"message": 'Cannot query field "x" on type "Scene".'}], "data": None})
    stub = answering(Reply(422, body.encode()))
    error = await failure(stub, waits)
    assert isinstance(error, StashRefusedQuery)
    assert error.is_invalid
    assert 'refused the request: Cannot query field "x" on type "Scene".' in str(error)
    assert (len(stub.requests), waits) == (1, [])


async def test_the_servers_words_are_shortened_and_never_repeat_the_key(waits: Waits) -> None:
    message = f"bad key {KEY}\n\0\ud800" + "x" * 5000
    stub = answering(Reply(422, json.dumps({"errors": [{"message": message}]}).encode()))
    error = await failure(stub, waits)
    assert "bad key *** \ufffd\ufffdxxx" in str(error)
    assert len(str(error)) < 500


async def test_a_silent_server(waits: Waits) -> None:
    stub = answering(Reply(hang=True))
    error = await failure(stub, waits, timeout=0.05)
    assert isinstance(error, StashUnreachable)
    assert "did not answer within 0.05 s" in str(error)
    assert len(stub.requests) == 4


async def test_an_endless_answer(waits: Waits) -> None:
    stub = connected(lambda _: Reply(200, b" " * (2 << 20)))
    async with stub.serve(), client(stub.url, waits) as stash:
        with pytest.raises(StashAnswerTooLarge, match="larger than 1 MiB"):
            await stash.query("{ a }", {}, 1 << 20)


@pytest.mark.parametrize("key", ["a\nb", "clé", " sesame", "a\0"])
async def test_a_key_that_no_header_carries(key: str) -> None:
    with pytest.raises(StashUnauthorized, match="Copy it again from Stash") as caught:
        StashClient("http://127.0.0.1", key)
    assert key.strip() not in str(caught.value)


async def test_neither_representations_nor_logs_show_the_key(waits: Waits, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stub = connected(lambda _: VERSION)
    async with stub.serve(), client(stub.url.replace("//", "//user:word@"), waits) as stash:
        await stash.version()
        assert repr(stash) == f"StashClient('{stub.url}')"
    assert KEY not in caplog.text
    assert all(request.headers["apikey"] == KEY for request in stub.requests)


# Retries


@pytest.mark.parametrize(
    "bad", [Reply(502), Reply(503), Reply(504), Reply(None), Reply(200, b"{", {"Content-Length": "9"})]
)
async def test_what_can_pass_is_tried_again(waits: Waits, bad: Reply) -> None:
    stub = answering(bad, bad, data(described(TYPES)), bad, VERSION)
    async with stub.serve(), client(stub.url, waits) as stash:
        assert (await stash.version()).version == "v1"
    assert waits == [0.25, 0.5, 0.25]


async def test_after_four_attempts_the_error_is_told(waits: Waits) -> None:
    stub = answering(Reply(503))
    error = await failure(stub, waits)
    assert isinstance(error, StashServerError)
    assert error.retryable
    assert (len(stub.requests), waits) == (4, [0.25, 0.5, 1.0])


def test_jitter_halves_a_wait_at_most() -> None:
    policy = transport.RetryPolicy(random=lambda: 0.0, longest_delay=2)
    assert [policy.delay(attempt) for attempt in range(1, 7)] == [0.125, 0.25, 0.5, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("bad", [Reply(503), Reply(None), Reply(hang=True)])
async def test_a_mutation_is_sent_once(waits: Waits, bad: Reply) -> None:
    stub = connected(lambda _: bad)
    async with stub.serve(), client(stub.url, waits, timeout=0.2) as stash:
        with pytest.raises(StashError):
            await stash.mutate("mutation { tagDestroy(input: {id: 1}) }", {})
    assert (len(stub.requests), waits) == (2, [])


async def test_half_of_a_mutation_may_succeed(waits: Waits) -> None:
    body = {"data": {"a": {"id": "1"}, "b": None}, "errors": [{"message": "no", "path": ["b"]}]}
    stub = connected(lambda _: Reply(200, json.dumps(body).encode()))
    async with stub.serve(), client(stub.url, waits) as stash:
        answer = await stash.mutate("mutation { a b }", {})
        assert answer.data["a"] == {"id": "1"}
        assert answer.errors[0]["path"] == ["b"]
        with pytest.raises(StashRefusedQuery):
            await stash.query("{ a b }", {})


# Pages


async def ids(stash: StashClient) -> list[list[int]]:
    return [[found.id for found in page.items] async for page in stash.scene_index()]


async def test_pages_follow_the_highest_id(waits: Waits) -> None:
    library = [1, 4, 5, 9, 12]

    def answer(request: Request) -> Reply:
        after = request.variables["scenes"]["id"]["value"]
        left = [number for number in library if number > after]
        return scenes(len(left), *(scene(number) for number in left[:2]))

    stub = connected(answer)
    async with stub.serve(), client(stub.url, waits, index_page=2) as stash:
        assert await ids(stash) == [[1, 4], [5, 9], [12]]
        assert [page.is_complete async for page in stash.scene_index()] == [True, True, True]


async def test_a_page_that_lacks_something_is_not_complete(waits: Waits) -> None:
    stub = connected(lambda _: scenes(2, scene(1)))
    async with stub.serve(), client(stub.url, waits, index_page=2) as stash:
        assert [page.is_complete async for page in stash.scene_index()] == [False]


async def test_without_the_filter_the_index_is_one_answer(waits: Waits) -> None:
    def answer(request: Request) -> Reply:
        assert "scene_filter" not in request.query
        assert request.variables["filter"]["per_page"] == -1
        return scenes(3, *(scene(number) for number in (1, 2, 3)))

    stub = connected(answer, TYPES | {"SceneFilterType": []})
    async with stub.serve(), client(stub.url, waits, index_page=2) as stash:
        assert await ids(stash) == [[1, 2, 3]]


async def test_a_server_that_ignores_the_filter_does_not_loop_for_ever(waits: Waits) -> None:
    stub = connected(lambda _: scenes(9, scene(1), scene(2)))
    async with stub.serve(), client(stub.url, waits, index_page=2) as stash:
        with pytest.raises(StashServerError, match="same page of scenes twice"):
            await ids(stash)


async def test_a_list_whose_answer_is_too_large_is_halved(waits: Waits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stashwork.stash.client, "SCENES_PAGE_BYTES", 100_000)

    def answer(request: Request) -> Reply:
        wanted = request.variables["ids"]
        return scenes(len(wanted), *(scene(n, details="x" * (200_000 if n == 3 else 30_000)) for n in wanted))

    stub = connected(answer)
    async with stub.serve(), client(stub.url, waits) as stash:
        batch = await stash.scenes_by_id(range(1, 9))
        assert [found.id for found in batch.items] == [1, 2, 4, 5, 6, 7, 8]
        assert [rejected.id for rejected in batch.rejected] == [3]
        assert "larger than" in batch.rejected[0].reason


async def test_a_list_of_ids_is_halved_until_the_bad_one_is_alone(waits: Waits) -> None:
    def answer(request: Request) -> Reply:
        wanted = request.variables["ids"]
        for bad, message in ((3, "scene with id 3 not found"), (6, "internal error")):
            if bad in wanted:
                return Reply(200, json.dumps({"errors": [{"message": message}], "data": None}).encode())
        return scenes(len(wanted), *(scene(number) for number in wanted))

    stub = connected(answer)
    async with stub.serve(), client(stub.url, waits) as stash:
        batch = await stash.scenes_by_id(range(1, 9))
        assert [found.id for found in batch.items] == [1, 2, 4, 5, 7, 8]
        assert [rejected.id for rejected in batch.rejected] == [6]
        assert "internal error" in batch.rejected[0].reason
        assert await stash.scenes_by_id([]) == Batch((), (), 0)


async def test_a_server_that_fails_on_every_scene_is_not_asked_for_each(waits: Waits) -> None:
    refused = Reply(200, b'{"errors": [{"message": "internal system error"}], "data": null}')
    stub = connected(lambda _: refused)
    async with stub.serve(), client(stub.url, waits) as stash:
        with pytest.raises(StashRefusedQuery, match="internal system error"):
            await stash.scenes_by_id(range(1, 501))
    assert len(stub.requests) < 70


async def test_an_invalid_query_is_not_halved(waits: Waits) -> None:
    stub = connected(lambda _: Reply(422, b'{"errors": [{"message": "bad"}]}'))
    async with stub.serve(), client(stub.url, waits) as stash:
        with pytest.raises(StashRefusedQuery):
            await stash.scenes_by_id(range(1, 9))
    assert len(stub.requests) == 2


# Versions


async def sent(waits: Waits, changes: dict[str, list[str]]) -> dict[str, str]:
    """The documents that the client sends to a server with other types."""
    stub = connected(lambda _: data({}), TYPES | changes)
    async with stub.serve(), client(stub.url, waits) as stash:
        for ask in (stash.performers, stash.tags, stash.studios, lambda: stash.scenes_by_id([1])):
            with pytest.raises(StashServerError, match="unusable answer"):
                await ask()
    return {request.query.split("(")[0].removeprefix("query "): request.query for request in stub.requests}


async def test_only_fields_that_exist_are_asked_for(waits: Waits) -> None:
    documents = await sent(waits, {})
    assert " urls rating100 files { id path fingerprints { type value } } studio" in documents["ScenesById"]
    assert "details" not in documents["ScenesById"]
    assert "$ids: [Int!]" in documents["ScenesById"]
    assert documents["Performers"].endswith("performers { id name alias_list } } }")


async def test_an_old_server_is_asked_for_the_old_fields(waits: Waits) -> None:
    old = {"Scene": ["id", "title", "url", "rating"], "Performer": ["id", "name", "aliases"]}
    documents = await sent(waits, old | {"Studio": ["id"], "Tag": ["id"], "VideoFile": []})
    assert "{ id title url rating studio { id }" in documents["ScenesById"]
    assert "performers { id name aliases }" in documents["Performers"]
    assert "parent" not in documents["Studios"] + documents["Tags"]


async def test_a_new_server_takes_ids(waits: Waits) -> None:
    documents = await sent(waits, {"Query": ["findScenes(filter ids scene_ids)"]})
    assert "$ids: [ID!]" in documents["ScenesById"]
    assert "ids: $ids" in documents["ScenesById"]


async def test_old_fields_are_understood(waits: Waits) -> None:
    stub = connected(
        lambda request: (
            data({"findPerformers": {"count": 1, "performers": [{"id": "1", "aliases": "A, B"}]}})
            if "Performers" in request.query
            else scenes(1, scene(1, url="http://x", rating=4))
        )
    )
    async with stub.serve(), client(stub.url, waits) as stash:
        found = (await stash.scenes_by_id([1])).items[0]
        assert (found.urls, found.rating100, found.files) == (("http://x",), 80, ())
        assert (await stash.performers()).items[0].aliases == ("A", "B")


# Hostile answers


async def read(waits: Waits, *found: Any, raw: bytes | None = None) -> Batch[Scene]:
    reply = scenes(len(found), *found) if raw is None else Reply(200, raw)
    stub = connected(lambda _: reply)
    async with stub.serve(), client(stub.url, waits) as stash:
        return await stash.scenes_by_id([1])


async def test_hostile_texts_are_read_and_can_be_stored(waits: Waits) -> None:
    titles = ["a\0b", "<script>", "\u202eright", "x" * 1_000_000, "lone \ud83d half", "whole \U0001f600"]
    batch = await read(waits, *(scene(number, title=title) for number, title in enumerate(titles, 1)))
    assert [found.title for found in batch.items] == [
        "a\ufffdb", "<script>", "\u202eright", "x" * 1_000_000, "lone \ufffd half", "whole \U0001f600"
    ]  # fmt: skip
    for found in batch.items:
        found.title.encode()


async def test_bytes_that_are_no_text_are_replaced(waits: Waits) -> None:
    raw = b'{"data": {"findScenes": {"count": 1, "scenes": [{"id": "1", "title": "a\xff\tb"}]}}}'
    assert (await read(waits, raw=raw)).items[0].title == "a\ufffd\tb"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "the id is not"),
        ({"id": "x"}, "the id is not"),
        ({"id": "0"}, "the id is not"),
        ({"id": "٣"}, "the id is not"),
        ({"id": "9" * 19}, "the id is not"),
        ({"id": "1" * 5000}, "the id is not"),
        ({"title": ["x"]}, "title is not a text"),
        ({"organized": "yes"}, "organized is not"),
        ({"rating100": 2**63}, "rating100 is not"),
        ({"rating100": True}, "rating100 is not"),
        ({"tags": [{"id": "-1"}]}, "the id is not"),
        ({"tags": {}}, "tags is not a list"),
        ({"studio": 5}, "an item is not an object"),
        ({"urls": [1]}, "urls is not a text"),
        ({"files": [{"id": "1", "duration": float("inf")}]}, "duration is not"),
        ({"files": [{"id": "1", "size": "big"}]}, "size is not"),
    ],
)
async def test_a_malformed_scene_is_rejected_alone(waits: Waits, changes: dict[str, Any], reason: str) -> None:
    batch = await read(waits, scene(1), scene(2, **changes), "nonsense", scene(3))
    assert [found.id for found in batch.items] == [1, 3]
    assert [item.id for item in batch.rejected] == [None if "id" in changes else 2, None]
    assert batch.rejected[0].reason.startswith(reason)
    assert batch.is_complete


@pytest.mark.parametrize("content", [{}, {"findScenes": None}, {"findScenes": {"count": 1, "scenes": None}}])
async def test_an_answer_without_a_list_is_an_error(waits: Waits, content: Any) -> None:
    with pytest.raises(StashServerError, match="unusable answer"):
        await read(waits, raw=json.dumps({"data": content}).encode())


async def test_links_and_files_that_come_twice_count_once(waits: Waits) -> None:
    twice = scene(1, tags=[{"id": "7"}, {"id": "3"}, {"id": "7"}], files=[{"id": "2"}, {"id": "2"}])
    found = (await read(waits, twice)).items[0]
    assert (found.tag_ids, len(found.files)) == ((3, 7), 1)


async def test_a_client_that_is_not_connected_says_so() -> None:
    stash = StashClient("http://127.0.0.1:1")
    with pytest.raises(RuntimeError, match="async with"):
        await stash.tags()
    await stash.aclose()
