"""What can stop requests without stopping Holdfast: gates of accounts and connections, switched-off configurations."""

from datetime import datetime

from storage.directory import Directory
from storage.gates import Gates


class SqlSwitches:
    """Fulfils `domain.ports.Switches`."""

    def __init__(self, gates: Gates, directory: Directory) -> None:
        self._gates = gates
        self._directory = directory

    def check(self, name: str, at: datetime) -> None:
        """Raises `NotSent` when nothing may be sent through the gate `name` at `at`."""
        self._gates.permit(name, at)

    def is_active(self, configuration: str) -> bool:
        """Whether the configuration and its connection are switched on (rule P4)."""
        return self._directory.is_active(configuration)
