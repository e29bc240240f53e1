"""What the texts of a scene say about it. Pure: no database, no network, no clock."""

from .detect import Detector, Wanted
from .facts import Proposal, SceneFacts
from .names import Entity, Kind, NameIndex

__all__ = ["Detector", "Entity", "Kind", "NameIndex", "Proposal", "SceneFacts", "Wanted"]
