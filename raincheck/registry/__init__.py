"""The flows and steps of an app: found in its packages, by name, checked against each other."""

from raincheck.registry.discovery import PACKAGES, discover
from raincheck.registry.registry import Registry

__all__ = ["PACKAGES", "Registry", "discover"]
