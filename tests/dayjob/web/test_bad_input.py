"""What strangers send: each row is refused with the right status and a problem document, and none breaks the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from tests.dayjob.web.support import Gates, make_app, make_registry, serve_in_thread

from dayjob import JobQueue

MB = 1024 * 1024


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """One server for the whole corpus: nothing in it may leave a mark."""

    def make() -> FastAPI:
        url = f"sqlite:///{tmp_path_factory.mktemp('db')}/jobs.db"
        return make_app(JobQueue(url, registry=make_registry(Gates()), durability="process"))

    with serve_in_thread(make) as served, httpx2.Client(base_url=served.url, trust_env=False, verify=False) as client:
        yield client


@dataclass(frozen=True)
class Bad:
    """A request, and the one answer to it."""

    name: str
    status: int
    code: str
    method: str = "POST"
    path: str = "/jobs/anything"
    body: Any = b""
    content_type: str | None = "application/json"
    pointers: tuple[str, ...] = field(default=())


def args(name: str, job_type: str, body: str, *pointers: str, code: str = "invalid_arguments") -> Bad:
    return Bad(name, 422, code, path=f"/jobs/{job_type}", body=body.encode(), pointers=pointers)


def value(name: str, literal: str, status: int = 422, code: str = "invalid_payload", pointer: str = "/value") -> Bad:
    """A JSON literal as the argument of a handler that takes anything."""
    pointers = (pointer,) if status == 422 else ()
    return Bad(name, status, code, body=f'{{"value":{literal}}}'.encode("utf-8", "surrogatepass"), pointers=pointers)


def malformed(name: str, body: bytes) -> Bad:
    return Bad(name, 400, "malformed_json", body=body)


def media(name: str, content_type: str | None) -> Bad:
    return Bad(name, 415, "unsupported_media_type", body=b"{}", content_type=content_type)


def get(path: str, status: int = 422, code: str = "invalid_parameters", method: str = "GET") -> Bad:
    return Bad(f"{method} {path[:60]}", status, code, method=method, path=path, content_type=None)


def option(query: str) -> Bad:
    return get(f"/jobs/echo?{query}", method="POST")


ARGUMENTS = [
    args("missing both", "add", "{}", "/a", "/b"),
    args("missing one", "add", '{"a":1}', "/b"),
    args("empty body where arguments are needed", "add", "", "/a", "/b"),
    args("extra", "echo", '{"texte":"x"}', "/texte"),
    args("extra for a handler with **kwargs", "sync_all", '{"forse":true}', "/forse"),
    args("kwargs by its own name", "sync_all", '{"kwargs":{}}', "/kwargs"),
    args("extra for a handler without arguments", "fail", '{"x":1}', "/x"),
    args("text for a number", "add", '{"a":"x","b":1}', "/a"),
    args("two wrong ones", "add", '{"a":"x","b":[]}', "/a", "/b"),
    args("a fraction for an integer", "add", '{"a":1.5,"b":1}', "/a"),
    args("null for a number", "add", '{"a":null,"b":1}', "/a"),
    args("a list for a number", "add", '{"a":[1],"b":1}', "/a"),
    args("an object for a text", "echo", '{"text":{}}', "/text"),
    args("a number for a text", "echo", '{"text":5}', "/text"),
    args("null for a text", "echo", '{"text":null}', "/text"),
    args("a word for a truth value", "sync_all", '{"force":"perhaps"}', "/force"),
    args("job_id", "gate", '{"job_id":"mine"}', "/job_id"),
    args("ctx", "fail", '{"ctx":{}}', "/ctx"),
    args("job_id where the handler has none", "echo", '{"job_id":"mine"}', "/job_id"),
    args("self", "echo", '{"self":1}', "/self"),
    args("__class__", "echo", '{"__class__":"x"}', "/__class__"),
    args("status, attempt, priority", "echo", '{"status":"x","attempt":9,"priority":1}', "/status", "/attempt"),
    args("a key with slash and tilde", "echo", '{"a/b~c":1}', "/a~1b~0c"),
    args("an empty key", "echo", '{"":1}', "/"),
    args("a very long key", "echo", json.dumps({"k" * 100_000: 1}), "/" + "k" * 40),
]

VALUES = [
    value("1e999", "1e999"),
    value("-1e999", "-1e999"),
    value("1e999 deep inside", '[{"a":[0,1e999]}]', pointer="/value/0/a/1"),
    value("2**63", str(2**63)),
    value("-2**63-1", str(-(2**63) - 1)),
    value("4,000 digits", "9" * 4000),
    value("NUL", r'"a\u0000b"'),
    value("NUL in a key", r'{"a\u0000":1}', pointer=r"/value/a\x00"),
    value("high surrogate", r'"\ud800"'),
    value("low surrogate", r'"\udfff"'),
    value("surrogates in the wrong order", r'"\udc00\ud800"'),
    value("surrogate in a key", r'{"\ud800":1}', pointer=r"/value/\ud800"),
    value("65 levels", "[" * 64 + "]" * 64, pointer="/value" + "/0" * 63),
    value("500 levels", "[" * 499 + "]" * 499, pointer="/value" + "/0" * 63),
    Bad("NUL in an argument's name", 422, "invalid_payload", body=rb'{"\u0000":1}'),
    Bad("surrogate in an argument's name", 422, "invalid_payload", body=rb'{"\ud800":1}'),
    Bad("256 KB of text", 413, "payload_too_large", body=json.dumps({"value": "x" * (256 * 1024)}).encode()),
    Bad("256 KB of items", 413, "payload_too_large", body=json.dumps({"value": [1] * 200_000}).encode()),
    Bad("256 KB of Ø", 413, "payload_too_large", body=json.dumps({"value": "Ø" * 140_000}).encode()),
]

MALFORMED = [
    malformed("a brace", b"{"),
    malformed("cut off", b'{"value":'),
    malformed("cut off in a text", b'{"value":"a'),
    malformed("a trailing comma", b'{"value":1,}'),
    malformed("single quotes", b"{'value':1}"),
    malformed("a name without quotes", b"{value:1}"),
    malformed("a comment", b'{"value":1} // x'),
    malformed("two documents", b"{}{}"),
    malformed("rubbish after it", b"{}x"),
    malformed("blanks only", b"   "),
    malformed("a form", b"value=1&x=2"),
    malformed("a newline in a text", b'{"value":"a\nb"}'),
    malformed("NUL bytes", b"\0\0\0"),
    malformed("hexadecimal", b'{"value":0x10}'),
    malformed("leading zero", b'{"value":01}'),
    malformed("NaN", b'{"value":NaN}'),
    malformed("Infinity", b'{"value":Infinity}'),
    malformed("-Infinity", b'{"value":-Infinity}'),
    malformed("undefined", b'{"value":undefined}'),
    malformed("the same key twice", b'{"value":1,"value":1}'),
    malformed("the same key twice inside", b'{"value":{"a":1,"b":2,"a":3}}'),
    malformed("the same key twice, once escaped", b'{"value":1,"v\\u0061lue":2}'),
    malformed("5,000 digits", b'{"value":' + b"1" * 5000 + b"}"),
    malformed("-5,000 digits", b'{"value":-' + b"1" * 5000 + b"}"),
    malformed("100,000 open lists", b"[" * 100_000),
    malformed("100,000 levels", b'{"value":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    malformed("100,000 levels of objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    malformed("UTF-16", '{"value":1}'.encode("utf-16")),
    malformed("UTF-16 without a BOM", '{"value":1}'.encode("utf-16-le")),
    malformed("UTF-32", '{"value":1}'.encode("utf-32")),
    malformed("Latin-1", '{"value":"é"}'.encode("latin-1")),
    malformed("overlong UTF-8", b'{"value":"\xc0\xaf"}'),
    malformed("a surrogate in UTF-8", b'{"value":"\xed\xa0\x80"}'),
    malformed("two BOMs", b"\xef\xbb\xbf\xef\xbb\xbf{}"),
    malformed("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00"),
    malformed("a list at the top", b"[]"),
    malformed("a list of arguments", b'[{"value":1}]'),
    malformed("a number at the top", b"1"),
    malformed("null at the top", b"null"),
    malformed("a text at the top", b'"{}"'),
    malformed("true at the top", b"true"),
]

MEDIA_TYPES = [
    media("plain text", "text/plain"),
    media("form", "application/x-www-form-urlencoded"),
    media("multipart", "multipart/form-data; boundary=x"),
    media("none", None),
    media("empty", ""),
    media("nonsense", "nonsense"),
    media("text/json", "text/json"),
    media("xml", "application/xml"),
    media("jsonp", "application/javascript"),
    media("patch", "application/merge-patch+json"),
    media("almost", "application/jsonx"),
    media("two", "text/plain, application/json"),
    media("hidden as parameter", "text/plain; application/json"),
]

QUERIES = [
    *(
        get(f"/jobs?limit={limit}")
        for limit in ("-1", "0", "201", "1" + "0" * 20, "abc", "", "1.5", "1e2", "NaN", "%00")
    ),
    *(get(f"/jobs?cursor={c}") for c in ("abc", "-1", "", "1.5", "1" + "0" * 30, "%00", "1'--", "1%0A", "+1", "1_0")),
    *(get(f"/jobs?status={s}") for s in ("nonsense", "", "RUNNING", "pending,running", "%00", "pending&status=x")),
    get("/jobs?" + "&".join(["type=x"] * 51)),
    *(option(f"priority={p}") for p in ("abc", "1001", "-1001", "1.5", "", "1" + "0" * 400, "NaN")),
    *(option(f"delay={d}") for d in ("-1", "abc", "NaN", "inf", "-inf", "1e999", "315360001", "", "1" + "0" * 400)),
    *(option(f"run_at={t}") for t in ("abc", "", "tomorrow", "2030-13-01T00:00:00Z", "2030-01-01T00:00:00", "1e999")),
    *(option(f"run_at={t}") for t in ("10000-01-01T00:00:00Z", "2030-01-01T00:00:00%2B99:99", "NaN", "%00")),
    Bad("both", 422, "invalid_option", path="/jobs/echo?delay=1&run_at=2030-01-01T00:00:00Z"),
]

LONG = "x" * 5000
PATHS = [
    *(
        get(f"/jobs/{job_type}", 404, "unknown_job_type", "POST")
        for job_type in ("nobody", "Echo", "echo%20", "%00", "..%5c", "os.system", "ws", "types", "éà", "%ff%fe")
    ),
    get(f"/jobs/{LONG}", method="POST"),
    *(
        get(f"/jobs/{job_id}", 404, "job_not_found")
        for job_id in ("nobody", "%00", "a%00b", "ws", "..%5c..", "'--", "%ff%fe", "%25", "%7Bjob_id%7D", "é" * 60)
    ),
    *(
        get(path, 404, "job_not_found", method)
        for method, path in (("DELETE", "/jobs/nobody"), ("POST", "/jobs/nobody/cancel"), ("DELETE", "/jobs/%00"))
    ),
    get(f"/jobs/{LONG}"),
    get(f"/jobs/{LONG}", method="DELETE"),
    get(f"/jobs/{LONG}/cancel", method="POST"),
]


def to_nobody(method: str, path: str, name: str, status: int = 404, code: str = "job_not_found", **more: Any) -> Bad:
    return Bad(f"{method} {path[:50]} {name}", status, code, method=method, path=path, **more)


NAMES = ["nobody", "%00", "a%00b", "..", "%2e%2e%5c", "'--", "%ff%fe", "%7Bjob_id%7D", "é" * 60, "-1", "1e999", "NaN"]
NAMES += ["null", "%0d%0aSet-Cookie:x=1", "%F0%9F%92%A9", "a%20b", "*", "x" * 128]
ACTS = [("POST", "cancel"), ("POST", "retry"), ("GET", "logs"), ("GET", "attempts")]
NEW_ROUTES = [
    *(
        to_nobody(method, f"/jobs/{name}/{act}", "", body=b"", content_type=None)
        for method, act in ACTS
        for name in NAMES
        if name != ".."
    ),
    *(
        to_nobody("POST", f"/jobs/schedules/{name}/{act}", "", 404, "schedule_not_found", content_type=None)
        for act in ("run", "pause", "resume")
        for name in ("nobody", "%00", "'--", "%ff%fe", "x" * 128, "echo")
    ),
    *(
        to_nobody("POST", f"/jobs/{LONG}/{act}", "", 422, "invalid_parameters", content_type=None)
        for act in ("cancel", "retry")
    ),
    *(get(f"/jobs/nobody/logs?{query}") for query in ("after=-1", "after=x", "limit=0", "limit=1001", "after=1e9")),
    *(get(f"/jobs/nobody/logs?{query}") for query in ("before=1", "after=1&x=", "AFTER=1", "after%00=1")),
    *(get(f"/jobs{path}?x=1") for path in ("", "/types", "/stats", "/workers", "/schedules", "/nobody")),
    *(get(f"/jobs{path}?limit=5") for path in ("/types", "/stats", "/workers", "/schedules", "/nobody/attempts")),
    *(get(f"/jobs?{name}=1") for name in ("Limit", "page", "offset", "state", "types", "__proto__", "limit[]", "%00")),
    *(option(f"{name}=1") for name in ("Priority", "args", "status", "id", "job_id", "attempt", "worker", "db")),
    *(
        value(f"the mask {where}", literal, 422, "invalid_arguments")
        for where, literal in [
            ("alone", '"**********"'),
            ("in a list", '[1,"**********"]'),
            ("as a member", '{"a":{"password":"**********"}}'),
        ]
    ),
]
CORPUS = [*ARGUMENTS, *VALUES, *MALFORMED, *MEDIA_TYPES, *QUERIES, *PATHS, *NEW_ROUTES]


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 300


@pytest.mark.parametrize("bad", CORPUS, ids=lambda bad: bad.name)
def test_is_refused(client: httpx2.Client, bad: Bad) -> None:
    headers = {} if bad.content_type is None else {"content-type": bad.content_type}
    answer = client.request(bad.method, bad.path, content=bad.body, headers=headers)
    problem = checked_problem(answer)
    assert (answer.status_code, problem["code"]) == (bad.status, bad.code), answer.text[:500]
    assert {fault.get("pointer") for fault in problem.get("errors", ())} >= set(bad.pointers)


def checked_problem(answer: httpx2.Response) -> dict[str, Any]:
    """The problem document of an answer, after everything that holds for all of them."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text[:500]
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:dayjob:problem:{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    assert problem.keys() <= {"type", "title", "status", "detail", "code", "errors"}
    assert all(fault["detail"] for fault in problem.get("errors", ()))
    assert_reveals_nothing(answer.text)
    return problem


def assert_reveals_nothing(text: str) -> None:
    assert len(text) < 5000
    for secret in ("Traceback", ".py", "site-packages", "sqlite", "SELECT", "/tmp", "jobs.db", "pydantic"):
        assert secret not in text


def test_after_all_this_the_server_is_well_and_the_queue_empty(client: httpx2.Client) -> None:
    assert client.get("/jobs").json() == {"items": [], "next": None}
    assert client.post("/jobs/echo", json={"text": "x"}).status_code == 202


@pytest.mark.parametrize("depth", [1000, 5000])
def test_deep_json_is_refused_by_the_reader_or_by_the_rule(client: httpx2.Client, depth: int) -> None:
    """Which of them depends on the version of Python."""
    body = b'{"value":' + b"[" * depth + b"]" * depth + b"}"
    answer = client.post("/jobs/anything", content=body, headers={"content-type": "application/json"})
    assert checked_problem(answer)["code"] in ("malformed_json", "invalid_payload")
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("size", [MB + 1, 3 * MB])
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("content_type", ["application/json", "text/plain"])
def test_a_large_body_is_413(client: httpx2.Client, size: int, chunked: bool, content_type: str) -> None:
    body = b" " * size
    content = (body[n : n + 65536] for n in range(0, size, 65536)) if chunked else body
    answer = client.post("/jobs/anything", content=content, headers={"content-type": content_type})
    assert ("content-length" in answer.request.headers) != chunked
    assert (answer.status_code, checked_problem(answer)["code"]) == (413, "body_too_large")


def test_a_body_of_just_one_megabyte_is_read(client: httpx2.Client) -> None:
    body = b" " * (MB - 2) + b"{}"
    answer = client.post("/jobs/echo", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 202


def test_a_long_value_is_not_sent_back(client: httpx2.Client) -> None:
    answer = client.post("/jobs/add", json={"a": "S3CR3T" * 1000, "b": 1})
    assert answer.status_code == 422
    assert "S3CR3T" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/jobs", {"GET"}),
        ("PUT", "/jobs", {"GET"}),
        ("DELETE", "/jobs", {"GET"}),
        ("PUT", "/jobs/x", {"GET", "POST", "DELETE"}),
        ("PATCH", "/jobs/x", {"GET", "POST", "DELETE"}),
        ("OPTIONS", "/jobs/x", {"GET", "POST", "DELETE"}),
        ("BREW", "/jobs/x", {"GET", "POST", "DELETE"}),
        ("GET", "/jobs/x/cancel", {"POST"}),
        ("DELETE", "/jobs/x/cancel", {"POST"}),
    ],
)
def test_a_wrong_method_is_405(client: httpx2.Client, method: str, path: str, allowed: set[str]) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].replace(" ", "").split(",")) <= allowed
    assert_reveals_nothing(answer.text)


@pytest.mark.parametrize("path", ["/jobs/a/b", "/jobs/a%2Fb", "/jobs/a/cancel/b", "/jobs/%2e%2e%2f%2e%2e%2fetc/x"])
def test_a_path_with_too_many_parts_is_404(client: httpx2.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert_reveals_nothing(answer.text)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z"])
def test_times_at_the_ends_of_the_calendar_poison_nothing(client: httpx2.Client, moment: str) -> None:
    answer = client.post(f"/jobs/echo?run_at={moment}")
    assert answer.status_code in (202, 422), answer.text
    assert client.get("/jobs").status_code == 200
