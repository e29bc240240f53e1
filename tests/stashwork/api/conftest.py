"""A client of the application that a file of tests starts."""

from collections.abc import Iterator

import httpx2
import pytest
from tests.stashwork.served import Served


@pytest.fixture
def http(app: Served) -> Iterator[httpx2.Client]:
    with app.client() as client:
        yield client
