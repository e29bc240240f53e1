"""`python -m stashwork.demo`: a made-up Stash server, for trying stashwork without one of your own."""

import argparse
import contextlib
import os
import sys
import threading
from collections.abc import Sequence

import uvicorn

from .app import DemoStash, Faults
from .schema import NEW_VERSION, OLD_VERSION
from .seed import seeded_library
from .server import bound_socket, demo_config, url_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or, with `--with-parent`, the end of standard input; returns 0."""
    options = _parser().parse_args(arguments)
    with contextlib.suppress(KeyboardInterrupt):
        _serve(options)
    return 0


def _serve(options: argparse.Namespace) -> None:
    demo = DemoStash(
        seeded_library(options.scenes, options.performers, options.tags, options.studios, seed=options.seed),
        api_key=options.api_key,
        version=options.stash_version,
        faults=Faults(options.latency, options.fail_every, options.drop_every, options.malformed_scene),
    )
    with bound_socket(options.port) as listener:
        server = uvicorn.Server(demo_config(demo))
        if options.with_parent:
            threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        print(f"Demo Stash at {url_of(listener)}", flush=True)
        server.run([listener])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stashwork.demo", description="A made-up Stash server.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--scenes", type=int, default=2000)
    parser.add_argument("--performers", type=int, default=300)
    parser.add_argument("--tags", type=int, default=150)
    parser.add_argument("--studios", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same library")
    parser.add_argument("--api-key", default=os.environ.get("DEMO_API_KEY"), help="wanted from clients")
    parser.add_argument("--stash-version", choices=(OLD_VERSION, NEW_VERSION), default=OLD_VERSION)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that each request waits")
    parser.add_argument("--fail-every", type=int, default=0, help="answer every n-th request with 503")
    parser.add_argument("--drop-every", type=int, default=0, help="break the connection of every n-th request")
    parser.add_argument("--malformed-scene", type=int, default=None, help="id of a scene to send malformed")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    return parser


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    """A parent that is killed cannot say goodbye, but the operating system closes its end of the pipe."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    server.should_exit = True


if __name__ == "__main__":
    sys.exit(main())
