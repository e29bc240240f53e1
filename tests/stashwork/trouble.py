"""The troubles that a Stash, or what is before it, can have with one answer, and what a person is told of each."""

from collections.abc import Callable

from tests.stashwork.helpers import Reply

KEY = "very-secret-key"
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
LOCKED = b'{"errors": [{"message": "database is locked (5) (SQLITE_BUSY)"}], "data": null}'


def always(reply: Reply) -> Callable[[bytes], Reply]:
    return lambda _: reply


SILENT = "no answer"
PASSES = {
    "the connection breaks": (always(Reply(None)), "the connection was dropped. Check that Stash is running"),
    SILENT: (always(Reply(hang=True)), "did not answer within 1 s. Check that it is not busy"),
    "502": (always(Reply(502, HTML)), "is not available (HTTP 502). Try again when it is up."),
    "503": (always(Reply(503)), "is not available (HTTP 503)"),
    "504": (always(Reply(504)), "is not available (HTTP 504)"),
    "429": (always(Reply(429)), "is asked too often (HTTP 429)"),
    "HTML": (always(Reply(200, HTML)), "does not speak GraphQL. Check STASH_URL."),
    "HTML of a proxy": (always(Reply(404, HTML)), "(HTTP 404) is not a Stash. Check STASH_URL."),
    "half of the JSON": (lambda body: Reply(200, body[: len(body) // 2]), "damaged or cut off"),
    "half of the answer": (
        lambda body: Reply(200, body[: len(body) // 2], {"Content-Length": str(len(body))}),
        "the connection was dropped",
    ),
    "a locked database": (always(Reply(200, LOCKED)), "refused the request: database is locked"),
}
STAYS = {
    "a new key": (always(Reply(401)), "does not accept the API key. Check STASH_API_KEY"),
    "422": (
        always(Reply(422, b'{"errors": [{"message": "Cannot query field"}]}')),
        "refused the request: Cannot query",
    ),
    "500": (always(Reply(500)), "failed with HTTP 500. See the log of Stash."),
    "500 with words": (always(Reply(500, b'{"errors": [{"message": "disk full"}]}')), "HTTP 500: disk full."),
    "another shape": (always(Reply(200, b'{"data": {"findScenes": 7}}')), "sent an unusable answer"),
}
