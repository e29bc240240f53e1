"""The Stash server of the settings: a client of it, and a test whether it can be read, and if not, what is wrong."""

from dataclasses import dataclass

from .settings import Settings
from .stash import RetryPolicy, StashClient, StashError, StashUnreachable

TIMEOUT = 60.0  # seconds for each wait on the network: a small machine with a large library is slow
PATIENCE = RetryPolicy(attempts=12)  # about a minute: Stash may be restarted in the middle of a sync
_TEST_TIMEOUT = 10.0  # seconds: somebody is waiting for the answer
_ONCE = RetryPolicy(attempts=1)


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """The outcome: one sentence for people, and the same in parts. `code` is that of the `StashError`."""

    ok: bool
    message: str
    version: str | None = None
    scenes: int | None = None
    code: str | None = None


def stash_client(settings: Settings) -> StashClient:
    """A client of the Stash server that the settings name. Raises StashUnreachable if they name none."""
    if settings.stash_url is None:
        raise StashUnreachable(
            "No Stash server is set. Set STASH_URL, and STASH_API_KEY if it wants a key, or use the settings page."
        )
    key = settings.stash_api_key.get_secret_value() if settings.stash_api_key else None
    return StashClient(settings.stash_url, key, timeout=TIMEOUT, patience=PATIENCE)


async def check_connection(url: str | None, api_key: str | None, *, timeout: float = _TEST_TIMEOUT) -> ConnectionReport:
    """Ask the server for its version and its numbers, once. Never raises StashError: it is the report.

    >>> (await check_connection("http://127.0.0.1:9999", key)).message
    'Reachable: Stash v0.30.1 with 1,234 scenes.'
    """
    if url is None:
        return ConnectionReport(False, "No address is set. Give the address of your Stash server.", code="no_address")
    try:
        async with StashClient(url, api_key, timeout=timeout, retry=_ONCE) as client:
            version, counts = await client.version(), await client.counts()
    except StashError as error:
        return ConnectionReport(False, str(error), code=error.code)
    name = version.version or "built from source"
    return ConnectionReport(True, f"Reachable: Stash {name} with {counts.scenes:,} scenes.", name, counts.scenes)
