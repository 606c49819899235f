"""The stub world of the workflow tests, for orders that are played afresh."""

from tests.workflows.conftest import client, world, worlds

__all__ = ["client", "world", "worlds"]
