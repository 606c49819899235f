"""Bodies that are too large, too slow or not announced, at every route."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from starlette.routing import BaseRoute
from starlette.types import Message, Scope

from settings import Profile
from tests.web.conftest import MakeWorld
from tests.web.serving import served
from tests.web.world import World
from web.edge.limits import BodyLimit

TEN_MEGABYTES = 10_000_000
VALUES = {"connection": "pixi", "order_no": "4711", "operation_id": "x", "tenant": "acme", "token": "t", "rest": "x"}
VALUES |= {"account": "cards", "reference": "pi_1", "page": "capture.aspx", "batch_id": "x"}
VALUES |= {"tenant_id": "acme", "name": "pixi", "configuration_id": "x", "file_name": "x"}


def addresses(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of every route, placeholders filled."""
    found: list[tuple[str, str]] = []

    def collect(routes: list[BaseRoute]) -> None:
        for route in routes:
            nested = getattr(getattr(route, "original_router", None), "routes", None) or getattr(route, "routes", None)
            if nested:
                collect(list(nested))
            elif path := getattr(route, "path_format", ""):
                found.extend(
                    (method, path.format(**VALUES)) for method in sorted(getattr(route, "methods", None) or ())
                )

    collect(app.routes)
    return found


async def chunks(size: int) -> AsyncIterator[bytes]:
    """A body whose length nobody announces."""
    for _ in range(size // 100_000):
        yield b"x" * 100_000


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("profile", [Profile.FAST, Profile.PRODUCTION])
async def test_no_route_takes_ten_megabytes(make_world: MakeWorld, profile: Profile, announced: bool) -> None:
    """413 at every address, with every method, announced or not, with and without a token."""
    world = make_world(profile)
    routes = addresses(world.app)
    assert len(routes) >= 15
    routes = [one for one in routes if one[1] != "/batches"]  # a batch file may be that large
    async with world.shop() as shop, world.client() as anyone:
        for method, path in [*routes, ("POST", "/nowhere")]:
            for client in (shop, anyone):
                content = b"x" * TEN_MEGABYTES if announced else chunks(TEN_MEGABYTES)
                answer = await client.request(method, path, content=content)
                assert answer.status_code == 413, (method, path)
                if method != "HEAD" and not path.endswith(".aspx"):
                    assert answer.json()["error"]["code"] == "body_too_large"


async def test_the_limit_is_a_setting_and_inclusive(make_world: MakeWorld) -> None:
    """A body of just that size is taken."""
    world = make_world(max_body_bytes=100)
    world.add_order("4711")
    async with world.shop() as shop:
        fits = b'{"request_id": "r"}'.ljust(100)
        answers = [
            await shop.post("/orders/pixi/4711/look-again", content=body, headers={"Content-Type": "application/json"})
            for body in (fits, fits + b" ")
        ]
    assert [one.status_code for one in answers] == [202, 413]


async def test_a_batch_file_may_be_larger(make_world: MakeWorld) -> None:
    """It has a limit of its own."""
    world = make_world(max_body_bytes=10, max_batch_bytes=100)
    async with world.shop() as shop:
        answers = [await shop.post("/batches?name=T", content=b"x" * size) for size in (100, 101)]
    assert [one.status_code for one in answers] == [422, 413]


def test_a_real_server_refuses_quickly(world: World) -> None:
    """Whoever pushes ten megabytes over a socket hears the refusal, announced or not."""
    with served(world.app) as (host, port):
        for content in (b"x" * TEN_MEGABYTES, (b"x" * 100_000 for _ in range(100))):
            begun = time.monotonic()
            answer = httpx.post(f"http://{host}:{port}/callbacks/v1.0/unzer/acme/t", content=content)
            assert answer.status_code == 413
            assert time.monotonic() - begun < 5


def test_an_announcement_is_enough(world: World) -> None:
    """The refusal comes before the body does, and the connection is not used again."""
    with served(world.app) as (host, port), socket.create_connection((host, port), timeout=5) as connection:
        connection.sendall(b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n")
        head = connection.recv(4096)
    assert head.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in head.lower()


async def test_a_body_that_does_not_come_is_given_up() -> None:
    """408 instead of waiting for ever, and nothing behind the limit is called."""
    sent: list[Message] = []

    async def app(*_: object) -> None:
        raise AssertionError("must not be called")

    async def nothing() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "headers": []}
    await BodyLimit(app, max_bytes=10, read_seconds=0.01, linger_seconds=0.01)(scope, nothing, send)
    assert sent[0]["status"] == 408


async def test_who_hangs_up_is_not_answered() -> None:
    """Half a body and then nobody: the route is not called with a part of it."""

    async def app(*_: object) -> None:
        raise AssertionError("must not be called")

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None:
        raise AssertionError("nobody listens")

    await BodyLimit(app, max_bytes=10)({"type": "http", "headers": []}, gone, send)


@pytest.mark.parametrize("length", ["-1", "x", "1e9", ""])
async def test_a_wrong_announcement_changes_nothing(world: World, length: str) -> None:
    """What counts is what comes."""
    async with AsyncClient(transport=ASGITransport(world.app), base_url="http://starter") as client:
        answer = await client.post("/nowhere", content=b"x" * 2_000_000, headers={"Content-Length": length})
    assert answer.status_code == 413
