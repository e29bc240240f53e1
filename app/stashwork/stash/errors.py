"""What can go wrong with a Stash server.

Each message is one clear line that also says what to do; none holds the API key.
"""

from typing import ClassVar


class StashError(Exception):
    """Base of all errors that the client raises.

    `code` is stable and meant for programs. `retryable` says that the same query may succeed later.
    """

    code: ClassVar[str] = "stash_error"

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class StashUnreachable(StashError):
    """Nothing at STASH_URL answers, or what answers there is not a Stash."""

    code = "stash_unreachable"


class StashUnauthorized(StashError):
    """Stash wants an API key, or does not know the one that was sent."""

    code = "stash_unauthorized"


class StashRefusedQuery(StashError):
    """Stash refused the request; if `is_invalid`, because its version can never accept it (HTTP 422)."""

    code = "stash_refused_query"

    def __init__(self, message: str, *, is_invalid: bool = False, retryable: bool = False) -> None:
        super().__init__(message, retryable=retryable)
        self.is_invalid = is_invalid


class StashServerError(StashError):
    """Stash failed (HTTP 5xx), or sent an answer that contradicts itself."""

    code = "stash_server_error"


class StashAnswerTooLarge(StashServerError):
    """The answer is larger than what we are ready to hold in memory; a smaller question may be answered."""

    code = "stash_answer_too_large"
