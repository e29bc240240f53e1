"""The connection test says in one sentence what is wrong."""

import pytest
from tests.processes import free_port
from tests.stashwork.helpers import Reply, answering

from stashwork.connection import check_connection
from stashwork.demo import DemoStash, seeded_library, serve_demo
from stashwork.demo.schema import NEW_VERSION, OLD_VERSION


@pytest.mark.parametrize("version", [OLD_VERSION, NEW_VERSION])
async def test_a_good_connection_tells_version_and_size(version: str) -> None:
    async with serve_demo(DemoStash(seeded_library(1234, 1, 1, 1), version=version, api_key="sesame")) as url:
        report = await check_connection(url, "sesame")
    assert report.ok
    assert report.message == f"Reachable: Stash {version} with 1,234 scenes."
    assert (report.version, report.scenes, report.code) == (version, 1234, None)


@pytest.mark.parametrize("version", [OLD_VERSION, NEW_VERSION])
@pytest.mark.parametrize(("key", "words"), [(None, "wants an API key"), ("wrong", "does not accept the API key")])
async def test_a_missing_and_a_wrong_key_are_told_apart(version: str, key: str | None, words: str) -> None:
    async with serve_demo(DemoStash(seeded_library(1, 1, 1, 1), version=version, api_key="sesame")) as url:
        report = await check_connection(url, key)
    assert (report.ok, report.code) == (False, "stash_unauthorized")
    assert words in report.message


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (Reply(200, b"<html>router</html>"), "stash_unreachable", "Check STASH_URL"),
        (Reply(503), "stash_server_error", "HTTP 503"),
        (Reply(hang=True), "stash_unreachable", "did not answer within 0.2 s"),
    ],
)
async def test_faults_are_named_after_one_attempt(reply: Reply, code: str, words: str) -> None:
    stub = answering(reply)
    async with stub.serve():
        report = await check_connection(stub.url, None, timeout=0.2)
    assert (report.ok, report.code, len(stub.requests)) == (False, code, 1)
    assert words in report.message


async def test_nothing_there_and_no_address() -> None:
    assert "connection refused" in (await check_connection(f"http://127.0.0.1:{free_port()}", None)).message
    assert (await check_connection(None, None)).code == "no_address"
