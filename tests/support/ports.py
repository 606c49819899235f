"""Ports for servers of tests that nothing else takes meanwhile.

They lie below the ports that the system gives to outgoing connections. Processes of one test run that work side by
side (`PYTEST_XDIST_WORKER`) draw from spans of their own, and none draws the same port twice in a row.
"""

import itertools
import os
import random
import socket
from contextlib import ExitStack

_LOWEST, _SPAN = 11_000, 3_500
_SPANS = 6
_WORKER = int("0" + "".join(filter(str.isdigit, os.environ.get("PYTEST_XDIST_WORKER", "0")))) % _SPANS
_FIRST = _LOWEST + _WORKER * _SPAN
_drawn = itertools.count(random.SystemRandom().randrange(_SPAN))


def free_ports(count: int) -> list[int]:
    """As many ports in a row, free on the loopback address at this moment."""
    while True:
        offset = next(_drawn) % (_SPAN - count)
        wanted = range(_FIRST + offset, _FIRST + offset + count)
        if _all_free(wanted):
            for _ in range(count - 1):
                next(_drawn)
            return list(wanted)


def free_port() -> int:
    """One such port."""
    return free_ports(1)[0]


def _all_free(ports: range) -> bool:
    with ExitStack() as held:
        for port in ports:
            try:
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
