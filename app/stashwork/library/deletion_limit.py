"""One wrong answer of the server must not empty the local library."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeletionLimit:
    """How many rows of one kind a sync may remove without asking: a share of those known, and a few in any case.

    >>> DeletionLimit(share=0.2, always_allowed=10).is_exceeded(gone=201, known=1000)
    True
    """

    share: float = 0.2
    always_allowed: int = 10

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1 or self.always_allowed < 0:
            raise ValueError(
                f"share must be 0 to 1, and always_allowed 0 or more; they are {self.share} and {self.always_allowed}"
            )

    def is_exceeded(self, *, gone: int, known: int) -> bool:
        """Whether so many removals are too suspicious to make: more than the limit, or all there is."""
        if self.share == 1:
            return False
        return gone > max(self.always_allowed, int(self.share * known)) or (known > 1 and gone == known)


NO_LIMIT = DeletionLimit(share=1.0)  # for a person who has looked, and wants the removals
