"""What all tests share: asyncio as the only event loop, and how far the crash campaign goes."""

import secrets
import signal
from collections.abc import Generator
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--scale", choices=["short", "medium", "long"], default="short", help="of the crash campaign")
    parser.addoption("--seed", default="1", help="of its random moments; `random` takes a new one, which is printed")
    parser.addoption("--cases", type=int, default=100, help="requests that are made from the OpenAPI document")
    parser.addoption("--report", default=None, help="file for its figures, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--seed") == "random":
        drawn_by_the_first_process = getattr(config, "workerinput", {}).get("seed")
        config.option.seed = drawn_by_the_first_process or secrets.token_hex(4)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # `make test &`: processes of tests would not hear it, either
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker of pytest-xdist goes by the seed that was printed."""
    node.workerinput["seed"] = node.config.getoption("--seed")


def pytest_report_header(config: pytest.Config) -> str:
    return f"crash campaign: --scale {config.getoption('--scale')} --seed {config.getoption('--seed')}"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test printed may hold half a surrogate pair, which the workers of pytest-xdist could not send."""
    report = yield
    report.sections = [(name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections]
    return report
