"""The web server of stashwork: uvicorn, set up for what we serve, on an address that is closed to others."""

import asyncio
import gc
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from .owner_token import is_local
from .settings import Settings

_MAX_MESSAGE = 64 * 1024  # bytes; clients have nothing to say on our sockets
_UNREAD = 20  # seconds that data may wait for a client before the kernel gives the connection up
_GARBAGE = 20_000  # new objects before Python looks for cycles; frames for a thousand sockets are fewer at a time
_GOODBYE = 3  # seconds that open requests get when the server stops


class AddressError(Exception):
    """The server cannot, or must not, listen there; the message says what to do."""


class Server(uvicorn.Server):
    """Stops at Ctrl-C and SIGTERM, and then returns instead of passing the signal on."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


def make_server(app: FastAPI) -> Server:
    """A server for `app`; it logs what goes wrong, and not every request."""
    # At Python's 700 what is on its way to many sockets counts as old, and all objects are searched again and again.
    gc.set_threshold(_GARBAGE, 20, 20)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        ws="websockets-sansio",
        # Browsers offer compression; for frames of 200 bytes it costs three times the CPU and saves nothing.
        ws_per_message_deflate=False,
        ws_max_size=_MAX_MESSAGE,
        timeout_graceful_shutdown=_GOODBYE,
    )
    return Server(config)


def bind(settings: Settings) -> socket.socket:
    """A listening socket. Raises AddressError, also for an address that others reach while no token is set for them."""
    host, port = settings.stashwork_host, settings.stashwork_port
    if not is_local(settings) and settings.stashwork_token is None:
        raise AddressError(
            f"{host} is open to others, and they should need a token. Set STASHWORK_TOKEN to a long random text, "
            "or let stashwork listen on this machine only with STASHWORK_HOST=127.0.0.1."
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise AddressError(
            f"{host}, port {port}, cannot be used ({error.strerror}). Is stashwork running already? "
            "Else choose another one with STASHWORK_PORT."
        ) from error
    # asyncio sets this only on sockets that it made itself; without it small answers wait 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; what is accepted inherits it
        # A tab that stopped reading keeps its window at zero, and the kernel would keep our data for it for hours.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD * 1000)
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    """The address under which a listening socket is reached."""
    return _url(*listener.getsockname()[:2])


def address_of(settings: Settings) -> str:
    """The address under which the application of these settings is reached from this machine."""
    return _url(settings.stashwork_host.replace("0.0.0.0", "127.0.0.1"), settings.stashwork_port)  # noqa: S104


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
