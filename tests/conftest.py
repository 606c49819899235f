"""Shared by every folder: commands that run inside the test process leave no configuration of the logs behind."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import structlog


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


class LeftTheMachine(AssertionError):
    """A test wanted to speak to a real system."""


@pytest.fixture(scope="session", autouse=True)
def _only_loopback() -> Iterator[None]:
    """Whatever a test asks for, it asks a server of this machine (rule R70)."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def checked(self: socket.socket, address: Any) -> None:
        _stay(self, address)
        connect(self, address)

    def checked_ex(self: socket.socket, address: Any) -> int:
        _stay(self, address)
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket.socket, "connect", checked)
        patched.setattr(socket.socket, "connect_ex", checked_ex)
        yield


def _stay(spoken: socket.socket, address: Any) -> None:
    if spoken.family not in (socket.AF_INET, socket.AF_INET6) or spoken.type & socket.SOCK_DGRAM:
        return
    host = str(address[0])
    if host == "localhost":
        return
    try:
        inside = ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified
    except ValueError:
        inside = False
    if not inside:
        raise LeftTheMachine(f"a test may not connect to {host}")
