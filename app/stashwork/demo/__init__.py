"""A made-up Stash server: for the first look at stashwork, and for its tests."""

from .app import DemoStash, Faults
from .library import Library, Meant
from .seed import seeded_library
from .server import serve_demo

__all__ = ["DemoStash", "Faults", "Library", "Meant", "seeded_library", "serve_demo"]
