"""No test speaks to a real provider: renewals cannot be tried out there, and money must not move by a test."""

import asyncio
import socket

import httpx
import pytest

from tests.conftest import LeftTheMachine


@pytest.mark.rule("R70")
@pytest.mark.parametrize("address", ["http://192.0.2.1:8705/", "http://[2001:db8::1]/"])
async def test_nothing_but_this_machine_can_be_reached(address: str) -> None:
    """Neither by a socket nor by the clients that adapters use."""
    with pytest.raises(LeftTheMachine):
        httpx.get(address, trust_env=False)
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises((LeftTheMachine, ExceptionGroup)):
            await client.get(address)
    with pytest.raises(LeftTheMachine):
        await asyncio.open_connection("192.0.2.1", 443)


def test_servers_of_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as one:
        assert one.getpeername() == server.getsockname()
