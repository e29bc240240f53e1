"""Durable background jobs inside your app."""

__version__ = "0.1.0"
