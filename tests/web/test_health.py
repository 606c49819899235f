"""Whether the process lives and can work, and what it answers when something fails."""

import sqlite3

import pytest
from httpx import AsyncClient
from structlog.testing import capture_logs

from storage.database import DatabaseUnusable
from tests.web.world import World


async def test_health_asks_nobody(world: World, anyone: AsyncClient) -> None:
    """It answers without database and Temporal."""
    world.messenger.down = True
    world.database.close()
    assert (await anyone.get("/health")).json() == {"status": "ok"}


async def test_ready_needs_database_and_temporal(
    world: World, anyone: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 names what is missing."""
    assert (await anyone.get("/ready")).status_code == 200
    world.messenger.down = True
    answer = await anyone.get("/ready")
    assert (answer.status_code, answer.json()["error"]["message"]) == (503, "Cannot be reached: Temporal.")
    broken(world, monkeypatch)
    answer = await anyone.get("/ready")
    assert answer.json()["error"]["message"] == "Cannot be reached: the database and Temporal."


async def test_without_database_the_api_says_so(
    world: World, shop: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 in our shape at reading and at callbacks, so that the provider repeats."""
    broken(world, monkeypatch)
    for method, path in (("GET", "/orders"), ("POST", "/callbacks/v1.0/unzer/acme/t")):
        answer = await shop.request(method, path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")
        assert "file" not in answer.text


async def test_a_failure_nobody_expected_is_a_plain_500(
    world: World, shop: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our shape, nothing of the exception; the log has it."""

    def failing(*_args: object, **_named: object) -> None:
        raise sqlite3.Error("the inside of Holdfast")

    monkeypatch.setattr(type(world.services.orders), "list_orders", failing)
    with capture_logs() as logged:
        answer = await shop.get("/orders")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "inside" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    failed = next(one for one in logged if one["event"] == "http.failed")
    assert (failed["route"], failed["exc_info"]) == ("/orders", True)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/orders/", 404, "not_found"),
        ("DELETE", "/orders", 405, "method_not_allowed"),
        ("GET", "/orders/pixi/4711/look-again", 405, "method_not_allowed"),
    ],
)
async def test_the_framework_s_refusals_have_our_shape(
    shop: AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    """Also where no route of ours was reached."""
    answer = await shop.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["what_to_do"]


def broken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every use of the database fail."""

    def failing(_self: object) -> None:
        raise DatabaseUnusable("the database file x is damaged")

    monkeypatch.setattr(type(world.database), "read", failing)
