"""Who may do what with which token."""

from datetime import timedelta

import pytest
from httpx import AsyncClient

from tests.web.world import T0, World

READ_PATHS = ["/orders", "/orders/pixi/4711", "/orders/pixi/4711/journal", "/operations/order/acme/pixi/4711/message/r"]
WISHES = ["payment-received", "look-again", "cancel-wish", "mark-solved"]


@pytest.mark.parametrize("path", READ_PATHS)
async def test_reading_needs_a_token(world: World, anyone: AsyncClient, path: str) -> None:
    """401 in our shape, with what to do and the challenge that HTTP asks for."""
    world.add_order("4711")
    answer = await anyone.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_missing")
    assert "Authorization: Bearer" in answer.json()["error"]["what_to_do"]
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("wish", WISHES)
async def test_telling_needs_a_token_before_the_body_is_looked_at(world: World, anyone: AsyncClient, wish: str) -> None:
    """Even a body that is no JSON is answered by 401, and nothing is stored."""
    workflow_id = world.add_order("4711")
    answer = await anyone.post(f"/orders/pixi/4711/{wish}", content=b"{")
    assert answer.status_code == 401
    assert world.services.messages.of_order(workflow_id) == ()


@pytest.mark.parametrize("header", ["Bearer hf_wrong", "Bearer x", "Basic aGY6aGY=", "hf_wrong", "Bearer "])
async def test_a_wrong_token_is_refused(world: World, header: str) -> None:
    """Unknown texts and other schemes are 401."""
    async with world.client(Authorization=header) as client:
        assert (await client.get("/orders")).status_code == 401


async def test_tokens_expire_in_real_time(world: World) -> None:
    """A token works until its last instant."""
    async with world.client(**world.token(expires_at=T0 + timedelta(hours=1))) as client:
        assert (await client.get("/orders")).status_code == 200
        world.clock.forward(hours=1)
        answer = await client.get("/orders")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "token_invalid")


async def test_a_deactivated_token_is_refused_at_once(world: World) -> None:
    """The next request after switching it off is 401."""
    async with world.shop() as client:
        world.services.tokens.deactivate(world.services.tokens.all()[0].id)
        assert (await client.get("/orders")).status_code == 401


async def test_reading_and_telling_are_two_scopes(world: World) -> None:
    """The error names the scope that is missing."""
    world.add_order("4711")
    async with world.shop("orders:read") as reader, world.shop("orders:write") as writer:
        told = await reader.post("/orders/pixi/4711/look-again", json={"request_id": "r"})
        read = await writer.get("/orders")
        assert (await writer.post("/orders/pixi/4711/look-again", json={"request_id": "r"})).status_code == 202
    assert (told.status_code, read.status_code) == (403, 403)
    assert "orders:write" in told.json()["error"]["message"]
    assert "orders:read" in read.json()["error"]["message"]


async def test_a_tenant_never_sees_another(world: World) -> None:
    """Lists, orders, journals, operations and wishes of another tenant do not exist, asked for by any name."""
    workflow_id = world.add_order("4711")
    async with world.shop() as owner, world.shop(tenant="rival") as rival:
        told = (await owner.post("/orders/pixi/4711/look-again", json={"request_id": "r"})).json()
        assert (await owner.get(told["links"]["operation"])).status_code == 200
        assert (await rival.get("/orders")).json()["orders"] == []
        for path in ("/orders/pixi/4711", "/orders/pixi/4711/journal", told["links"]["operation"]):
            assert (await rival.get(path)).status_code == 404
            assert (await rival.get(f"{path}?tenant=acme")).status_code == 403
        assert (await rival.post("/orders/pixi/4711/cancel-wish", json={"request_id": "x"})).status_code == 404
    assert [one.request_id for one in world.services.messages.of_order(workflow_id)] == ["r"]


async def test_a_token_for_all_tenants_says_which_one(world: World) -> None:
    """Lists show everybody's orders; a single one is asked for with its tenant, as the links do."""
    world.add_order("1")
    world.add_order("1", tenant="rival")
    async with world.shop(tenant=None) as operator:
        rows = (await operator.get("/orders")).json()["orders"]
        seen = [(await operator.get(one["links"]["self"])).json()["tenant"] for one in rows]
        assert sorted(seen) == ["acme", "rival"]
        only = (await operator.get("/orders?tenant=rival")).json()["orders"]
        assert [one["tenant"] for one in only] == ["rival"]
        unclear = await operator.get("/orders/pixi/1")
        assert (unclear.status_code, unclear.json()["error"]["code"]) == (422, "tenant_missing")
