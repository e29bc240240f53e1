from __future__ import annotations

import datetime
from typing import Any

import pytest

from dayjob import DuplicateJobType, InvalidArguments, InvalidName, JobRegistry, UnknownJobType, job
from dayjob import registry as default_registry

DAY = datetime.date(2026, 2, 28)


async def handler(job_id: str, n: int = 1) -> int:
    """Count something.

    And more.
    """
    return n


async def other(job_id: str) -> None: ...


def test_a_registered_type_is_found(registry: JobRegistry) -> None:
    made = registry.register("count", handler, max_attempts=3, timeout=5)
    assert registry.get("count") is made
    assert registry.get_handler("count") is handler
    assert (made.max_attempts, made.timeout, made.description) == (3, 5, "Count something.")


def test_a_description_of_ones_own_wins(registry: JobRegistry) -> None:
    assert registry.register("count", handler, "Mine").description == "Mine"
    assert registry.register("silent", other).description == ""


async def test_the_decorator_leaves_the_function_as_it_is(registry: JobRegistry) -> None:
    decorated = registry.job("count", "Counts")(handler)
    assert decorated is handler
    assert await decorated("id", n=4) == 4


def test_the_module_decorator_takes_a_registry_of_ones_own(registry: JobRegistry) -> None:
    job("count", registry=registry)(handler)
    assert "count" in registry.job_types
    assert "count" not in default_registry.job_types


def test_registering_the_same_handler_again_is_fine_and_another_one_is_not(registry: JobRegistry) -> None:
    registry.register("count", handler)
    registry.register("count", handler)
    with pytest.raises(DuplicateJobType, match="has a handler already"):
        registry.register("count", other)
    assert registry.get_handler("count") is handler


def test_an_unknown_type_is_told_with_the_known_ones(registry: JobRegistry) -> None:
    with pytest.raises(UnknownJobType, match="none yet"):
        registry.get("nope")
    registry.register("b", handler)
    registry.register("a", other)
    with pytest.raises(UnknownJobType, match=r"'nope'. Known: a, b\."):
        registry.get("nope")


@pytest.mark.parametrize("name", ["", "a b", "../x", "ws", "ä", None])
def test_names_that_break_routes_are_refused(registry: JobRegistry, name: Any) -> None:
    with pytest.raises(InvalidName):
        registry.register(name, handler)


@pytest.mark.parametrize(
    "options",
    [
        {"max_attempts": 0},
        {"max_attempts": -1},
        {"timeout": 0},
        {"timeout": -1},
        {"on_orphan": "ignore"},
        {"max_concurrency": 0},
        {"concurrency_key": "disk"},
        {"max_pending": 0},
    ],
)
def test_options_that_make_no_sense_are_refused(registry: JobRegistry, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        registry.register("count", handler, **options)
    assert not registry.job_types


@pytest.mark.parametrize(
    ("unique", "key"),
    [
        (False, None),
        ("one", "count one"),
        (lambda args: f"n{args['n']}", "count n7"),
    ],
)
def test_a_unique_key_is_made_as_the_type_says(registry: JobRegistry, unique: Any, key: str | None) -> None:
    made = registry.register("count", handler, unique=unique)
    assert made.unique_key(made.arguments.check({"n": 7})) == key


async def tree(
    a: int = 0, b: dict[str, int] | None = None, c: datetime.date = DAY, tags: tuple[str, ...] = ()
) -> None: ...


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"a": 1, "b": {"c": 1, "d": 2}}, {"b": {"d": 2, "c": 1}, "a": 1}),
        ({}, {"a": 0}),
        ({}, {"a": "0", "b": None, "c": DAY, "tags": []}),
        ({"a": 1, "c": "2026-02-28"}, {"a": 1}),
    ],
)
def test_the_same_call_in_other_words_has_the_same_unique_key(registry: JobRegistry, one: Any, two: Any) -> None:
    made = registry.register("tree", tree, unique=True)
    assert made.unique_key(made.arguments.check(one)) == made.unique_key(made.arguments.check(two))
    assert made.unique_key(made.arguments.check(one)) != made.unique_key(made.arguments.check({**one, "a": 7}))


def test_a_unique_key_stays_when_the_handler_gets_one_more_argument_with_a_default(registry: JobRegistry) -> None:
    async def older(a: int = 0) -> None: ...
    async def newer(a: int = 0, more: str = "x") -> None: ...

    one, two = registry.register("one", older, unique=True), JobRegistry().register("one", newer, unique=True)
    assert one.unique_key(one.arguments.check({"a": 1})) == two.unique_key(two.arguments.check({"a": 1}))


class NoJSON:
    """A default that only Python has."""


async def with_defaults(day: datetime.date = DAY, who=NoJSON(), token: str = "s3cr3t-default", n: int = 1) -> None: ...  # noqa: B008


@pytest.mark.parametrize("option", ["unique", "concurrency_key"])
def test_key_functions_see_what_the_handler_will_see(registry: JobRegistry, option: str) -> None:
    seen: list[dict[str, Any]] = []
    made = registry.register(
        "seen", with_defaults, max_concurrency=1, **{option: lambda args: seen.append(args) or "k"}
    )  # type: ignore[misc,func-returns-value]
    checked = made.arguments.check({"n": "7"})
    assert (made.unique_key(checked) if option == "unique" else made.concurrency_group(checked)) == "seen k"
    assert (seen[0]["day"], type(seen[0]["who"]), seen[0]["n"]) == (DAY, NoJSON, 7)
    assert checked.stored == {"n": 7}  # what is stored is what was sent


@pytest.mark.parametrize("option", ["unique", "concurrency_key"])
@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda args: args["nope"], "makes no key of these arguments: KeyError: 'nope'"),
        (lambda args: args["day"], "returned a date for these arguments; it has to be a str"),
        (lambda args: None, "returned a NoneType"),
        (lambda args: "a\0b", "contains a NUL"),
        (lambda args: {}[args["token"]], r"KeyError: '\*+'"),
    ],
)
def test_a_key_function_that_makes_no_key_is_an_error_of_these_arguments(
    registry: JobRegistry, option: str, function: Any, said: str
) -> None:
    made = registry.register("wrong", with_defaults, max_concurrency=1, **{option: function})  # type: ignore[misc]
    key = made.unique_key if option == "unique" else made.concurrency_group
    with pytest.raises(InvalidArguments, match=said) as caught:
        key(made.arguments.check({}))
    assert f"{option} of 'wrong'" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)
