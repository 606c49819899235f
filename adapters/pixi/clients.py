"""One client per connection and credentials, and the session in which one piece of work speaks to it."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from adapters.pixi.client import PixiClient, Value
from adapters.pixi.connection import Limits, PixiConnection
from adapters.pixi.envelope import Answer
from adapters.pixi.trouble import Kind, Trouble
from domain.ports import Permits, SendPermit

NO_VALUES: Mapping[str, Value] = {}
_NOTHING_DONE = frozenset(
    {Kind.UNREACHABLE, Kind.MISCONFIGURED, Kind.RATE, Kind.ROLLED_BACK} | {Kind.REFUSED, Kind.NOT_FOUND, Kind.MALFORMED}
)


class Session:
    """One execution's talk with one database. Every request asks the permit first."""

    def __init__(self, client: PixiClient, permit: SendPermit, currency: str) -> None:
        self._client = client
        self._permit = permit
        self._look = permit.look if isinstance(permit, Permits) else permit
        self.currency = currency
        self.wrote = False  # something was sent that took effect or may have

    @property
    def engine_name(self) -> str:
        return self._client.engine_name

    def offers(self, method: str) -> bool:
        return self._client.description(self._look).offers(method)

    def takes(self, method: str, parameter: str) -> bool:
        return self._client.description(self._look).takes(method, parameter)

    def read_description_afresh(self) -> None:
        """Have the WSDL read again before the next look at it: something may have been installed since."""
        self._client.forget_description()

    def read(
        self, method: str, needed: Mapping[str, Value] = NO_VALUES, optional: Mapping[str, Value] = NO_VALUES
    ) -> Answer:
        """Ask. What the database does not find is an empty answer."""
        try:
            return self._client.call(method, needed, optional, self._look)
        except Trouble as trouble:
            if trouble.kind is Kind.NOT_FOUND:
                return Answer()
            raise

    def write(self, method: str, needed: Mapping[str, Value], optional: Mapping[str, Value] = NO_VALUES) -> Answer:
        """Tell. From here on the execution knows that it changed something, unless the answer rules that out."""
        self.offers(method)  # the description may have to be read first, and that is no writing
        try:
            answer = self._client.call(method, needed, optional, self._permit)
        except Trouble as trouble:
            trouble.writing = True
            self.wrote = self.wrote or trouble.kind not in _NOTHING_DONE
            raise
        self.wrote = True
        return answer


class Clients:
    """Finds the client of a connection by name; new credentials get a new client."""

    def __init__(
        self, connections: Callable[[str], PixiConnection], limits: Limits, wsdl_folder: Path | None = None
    ) -> None:
        self._connections = connections
        self._limits = limits
        self._wsdl_folder = wsdl_folder
        self._clients: dict[str, tuple[PixiConnection, PixiClient]] = {}
        self._lock = threading.Lock()

    def session(self, name: str, permit: SendPermit) -> Session:
        connection = self._connections(name)
        with self._lock:
            known = self._clients.get(name)
            if known is None or known[0] != connection:
                known = (connection, PixiClient(connection, self._limits, self._wsdl_folder))
                self._clients[name] = known
        return Session(known[1], permit, connection.currency)

    def close(self) -> None:
        with self._lock:
            for _, client in self._clients.values():
                client.close()
            self._clients.clear()
