from __future__ import annotations

from typing import Any

import pytest

from dayjob import DuplicateJobType, InvalidName, JobRegistry, UnknownJobType, job
from dayjob import registry as default_registry


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
    assert registry.register("count", handler, unique=unique).unique_key({"n": 7}, '{"n":7}') == key


def test_unique_by_arguments_does_not_depend_on_their_order(registry: JobRegistry) -> None:
    made = registry.register("count", handler, unique=True)
    one, two = '{"a":1,"b":{"c":1,"d":2}}', '{"b":{"d":2,"c":1},"a":1}'
    assert made.unique_key({}, one) == made.unique_key({}, two)
    assert made.unique_key({}, one) != made.unique_key({}, '{"a":1,"b":{"c":1,"d":3}}')
