"""Remembers answers that cannot change, so that they are asked for once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Memory(Generic[Found]):
    """The `at_most` answers used last, by key; safe to share between threads. None is no answer and never kept."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._kept: OrderedDict[Hashable, Found] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, ask: Callable[[], Found | None]) -> Found | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = ask()
        if found is not None:
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > self._at_most:
                    self._kept.popitem(last=False)
        return found
