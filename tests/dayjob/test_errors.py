"""Each error has a code of its own, by which another process makes it anew."""

from __future__ import annotations

import pytest

from dayjob import errors
from dayjob.errors import DayjobError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DayjobError)]


def test_codes_are_unique() -> None:
    assert len(KINDS) > 20
    assert len({kind.code for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_an_error_is_known_again_by_its_code(kind: type[DayjobError]) -> None:
    told = DayjobError.of_code(kind.code, "what it said")
    assert (type(told), str(told)) == (kind, "what it said")


def test_a_code_that_nobody_knows_is_an_error_all_the_same() -> None:
    told = DayjobError.of_code("of_a_later_version", "what it said")
    assert (type(told), told.code, str(told)) == (DayjobError, "error", "what it said")
