"""What all tests share: asyncio as the only event loop, and how long the campaigns are."""

from collections.abc import Generator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=2, help="how often the sync of stashwork is killed")
    parser.addoption("--latency", type=float, default=1.0, help="seconds per request while it is")
    parser.addoption("--cases", type=int, default=100, help="requests that are made from the OpenAPI document")
    parser.addoption("--seed", type=int, default=1, help="of the random moments")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test printed may hold half a surrogate pair, which the workers of pytest-xdist could not send."""
    report = yield
    report.sections = [(name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections]
    return report
