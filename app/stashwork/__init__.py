"""Sync, review and safely improve the metadata of your Stash media server."""

__version__ = "0.1.0"
