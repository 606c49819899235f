"""One HTTP client per thread. A pool that threads share may close a connection that one of them has just taken: whether
an idle connection has expired is looked at in two steps, and its next request may begin in between."""

import threading
from collections.abc import Callable

import httpx


class PerThread:
    """Makes a client for each thread that asks, and closes them all at the end."""

    def __init__(self, make: Callable[[], httpx.Client]) -> None:
        self._make = make
        self._own = threading.local()
        self._made: list[httpx.Client] = []
        self._lock = threading.Lock()

    def get(self) -> httpx.Client:
        """The client of this thread."""
        client: httpx.Client | None = getattr(self._own, "client", None)
        if client is None:
            client = self._own.client = self._make()
            with self._lock:
                self._made.append(client)
        return client

    def close(self) -> None:
        """Close the clients of all threads."""
        with self._lock:
            for client in self._made:
                client.close()
            self._made.clear()
