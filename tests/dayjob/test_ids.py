from __future__ import annotations

import uuid

import pytest

from dayjob import ids
from dayjob.errors import InvalidName


def test_made_ids_are_version_7_uuids_and_carry_the_time() -> None:
    made = uuid.UUID(ids._made_uuid7())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    later = uuid.UUID(ids._made_uuid7())
    assert 0 <= (later.int >> 80) - (made.int >> 80) < 60_000


def test_ids_differ() -> None:
    assert len({ids.uuid7() for _ in range(10_000)}) == 10_000


def test_a_made_id_can_be_a_job_id() -> None:
    made = ids.uuid7()
    assert ids.check_name(made, "job id") == made


@pytest.mark.parametrize("name", ["a", "A9", "0", "sync_all", "a.b:c-d_e", "x" * 128])
def test_good_names_pass(name: str) -> None:
    assert ids.check_name(name, "job type") == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "x" * 129,
        "_a",
        "-a",
        ".",
        "..",
        "a/b",
        "a b",
        "a\n",
        "\na",
        "a\0",
        "ä",
        "a%2f",
        "\ud800",
        None,
        7,
        b"a",
        True,
    ],
)
def test_names_that_would_break_a_url_are_refused(name: object) -> None:
    with pytest.raises(InvalidName, match="cannot be a job type"):
        ids.check_name(name, "job type")


@pytest.mark.parametrize("word", sorted(ids.RESERVED))
def test_words_of_the_routes_are_refused(word: str) -> None:
    with pytest.raises(InvalidName, match="the routes use this word"):
        ids.check_name(word, "job id")


def test_a_refusal_quotes_at_most_a_line() -> None:
    with pytest.raises(InvalidName) as caught:
        ids.check_name("/" * 100_000, "job id")
    assert len(str(caught.value)) < 300
