"""The token by which the one owner is known: scripts send it, browsers are signed in by a one-time link."""

import ipaddress
import os
import secrets
from pathlib import Path

from dayjob.web import Token

from .settings import Settings

TOKEN_FILE = "token"  # noqa: S105 (the name of a file)


def owner_token(settings: Settings) -> str:
    """The token of the settings; else the one in the data folder, which is made at the first start.

    The file is readable for its owner only. Raises OSError if it can be neither read nor written.
    """
    if settings.stashwork_token is not None:
        return settings.stashwork_token.get_secret_value()
    file = settings.stashwork_data / TOKEN_FILE
    if not file.exists():
        _write_new(file)
    return file.read_text("ascii").strip()


def make_auth(settings: Settings) -> Token:
    """What every route asks for: the token, and on loopback also that the request is from this machine."""
    return Token(owner_token(settings), hosts=() if is_local(settings) else None, local=is_local(settings))


def is_local(settings: Settings) -> bool:
    """Whether only this machine can reach us."""
    try:
        return ipaddress.ip_address(settings.stashwork_host).is_loopback
    except ValueError:
        return settings.stashwork_host == "localhost"


def _write_new(file: Path) -> None:
    """Write a new token; when two processes do it at the same time, the first one stands."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{TOKEN_FILE}.{os.getpid()}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe() + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(new, file)
    except FileExistsError:
        pass
    finally:
        new.unlink()
