from __future__ import annotations

import datetime
import functools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from dayjob import InvalidArguments, JobRegistry, job
from dayjob import registry as default_registry
from dayjob.errors import DuplicateJobType, InvalidName, UnknownJobType

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


class Service:
    def plain(self, n: int = 0) -> int:
        return n

    async def __call__(self, n: int = 0) -> int:
        return n

    @classmethod
    def of_class(cls, n: int = 0) -> int:
        return n


def steps(n: int = 1) -> Iterator[int]:
    yield n


async def async_steps(n: int = 1) -> AsyncIterator[int]:
    yield n


class Steps:
    def __call__(self, n: int = 1) -> Iterator[int]:
        yield n


@pytest.mark.parametrize(
    ("wrong", "fix"),
    [
        (steps, "return a list"),
        (async_steps, "return a list"),
        (functools.partial(steps, 2), "return a list"),
        (Steps(), "return a list"),
        (Service.plain, "the_object.the_method"),
        (functools.partial(Service.plain, n=1), "the_object.the_method"),
        (Service.__dict__["of_class"], "TheClass.the_method"),
        (Service, "is a class"),
        (None, "use a function"),
        ("count", "use a function"),
        (dict.update, "call it in a function"),
    ],
)
def test_what_cannot_be_a_handler_is_refused_with_the_fix(registry: JobRegistry, wrong: Any, fix: str) -> None:
    with pytest.raises(TypeError, match=fix):
        registry.register("count", wrong)
    assert not registry.job_types


def test_a_decorator_in_a_class_is_refused_and_a_static_method_is_not(registry: JobRegistry) -> None:
    with pytest.raises(TypeError, match=r"Wrong.run is a method"):

        class Wrong:
            @registry.job("count")
            async def run(self) -> None: ...

    class Right:
        @registry.job("outside")
        @staticmethod
        async def one() -> None: ...

        @staticmethod
        @registry.job("inside")
        async def two() -> None: ...

    assert set(registry.job_types) == {"outside", "inside"}


METHODS = [Service().plain, Service(), Service.of_class, functools.partial(Service.plain, None)]


@pytest.mark.parametrize("right", METHODS)
def test_a_method_of_an_object_is_a_handler(registry: JobRegistry, right: Any) -> None:
    registry.register("count", right)
    assert registry.get("count").arguments.names == {"n"}


def test_without_a_name_the_type_is_called_as_the_function(registry: JobRegistry) -> None:
    assert registry.job(handler) is handler
    assert registry.job(max_attempts=3)(other) is other
    assert (registry.get("handler").handler, registry.get("other").max_attempts) == (handler, 3)
    assert registry.get("handler").description == "Count something."


def test_the_module_decorator_works_without_a_name() -> None:
    try:
        assert job(handler) is handler
        assert default_registry.get_handler("handler") is handler
    finally:
        del default_registry.job_types["handler"]


@pytest.mark.parametrize("wrong", [5, lambda: None, functools.partial(handler, n=1), ""])
def test_a_name_that_cannot_be_one_is_refused(registry: JobRegistry, wrong: Any) -> None:
    with pytest.raises(InvalidName):
        registry.job(wrong)(handler)


def test_a_handler_in_place_of_a_name_is_unknown(registry: JobRegistry) -> None:
    with pytest.raises(UnknownJobType):
        registry.get(handler)  # type: ignore[arg-type]


def test_a_schedule_goes_with_the_definition_that_has_it_no_more(registry: JobRegistry) -> None:
    registry.register("count", handler, schedule="every 1 hour")
    registry.register("count", handler, schedule="every 2 hours")
    assert registry.schedules["count"].cron.expression == "every 2 hours"
    registry.register("count", handler)
    assert not registry.schedules


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
