"""Telling an order something: once per request id, answered at once, and never lost."""

from datetime import timedelta

import pytest
from httpx import AsyncClient

from domain.facts import Wish
from tests.web.world import World
from web.relay import Relayed, relay_once

NO_GRACE = timedelta(0)
ADDRESS = "/orders/pixi/4711/look-again"


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("payment-received", Wish.PAYMENT_RECEIVED),
        ("look-again", Wish.LOOK_AGAIN),
        ("cancel-wish", Wish.CANCEL),
        ("mark-solved", Wish.MARK_SOLVED),
    ],
)
async def test_a_wish_reaches_the_order(world: World, shop: AsyncClient, path: str, wish: Wish) -> None:
    """202 with the operation's id, when the order looks next, and where to ask."""
    workflow_id = world.add_order("4711")
    answer = await shop.post(f"/orders/pixi/4711/{path}", json={"request_id": "r-1", "actor": "checkout"})
    body = answer.json()
    assert (answer.status_code, body["answer"]) == (202, "accepted")
    assert body["operation_id"] == f"{workflow_id}/message/r-1"
    assert body["next_due"] == "2027-03-01T09:01:00Z"
    assert [(one, told.wish, told.actor) for one, told in world.messenger.told] == [(workflow_id, wish, "")]
    assert (await shop.get(body["links"]["order"])).json()["order_no"] == "4711"
    became = (await shop.get(body["links"]["operation"])).json()
    assert (became["state"], became["wish"], became["done_at"]) == ("accepted", wish.value, None)
    assert became["actor"] == "checkout"


async def test_the_header_may_carry_the_request_id(world: World, shop: AsyncClient) -> None:
    """No body is needed; without an actor the token's label stands for who asked."""
    world.add_order("4711")
    answer = await shop.post(ADDRESS, headers={"Idempotency-Key": "key 1"})
    assert answer.json()["operation_id"].endswith("/message/key%201")
    became = (await shop.get(answer.json()["links"]["operation"])).json()
    assert (became["actor"], became["subject"]) == ("shop", "key 1")


async def test_a_repetition_is_told_once(world: World, shop: AsyncClient) -> None:
    """The same operation id and `already`, and the order hears nothing."""
    world.add_order("4711")
    first = (await shop.post(ADDRESS, json={"request_id": "r"})).json()
    again = await shop.post(ADDRESS, headers={"Idempotency-Key": "r"})
    assert (again.status_code, again.json()["answer"]) == (202, "already")
    assert again.json()["operation_id"] == first["operation_id"]
    assert again.json()["next_due"] == first["next_due"]
    assert len(world.messenger.told) == 1


async def test_a_request_id_stands_for_one_wish(world: World, shop: AsyncClient) -> None:
    """Used for another wish it is a conflict, and the order hears only the first."""
    world.add_order("4711")
    await shop.post(ADDRESS, json={"request_id": "r"})
    answer = await shop.post("/orders/pixi/4711/cancel-wish", json={"request_id": "r"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "request_id_reused")
    assert [told.wish for _, told in world.messenger.told] == [Wish.LOOK_AGAIN]


async def test_a_refusal_is_a_conflict_with_its_reason(world: World, shop: AsyncClient) -> None:
    """A repetition hears the same refusal, also when the order would say otherwise now."""
    world.add_order("4711")
    world.messenger.refuse_with = "shipped"
    address = "/orders/pixi/4711/cancel-wish"
    first = await shop.post(address, json={"request_id": "r"})
    world.messenger.refuse_with = ""
    again = await shop.post(address, json={"request_id": "r"})
    assert (first.status_code, first.json()["error"]["code"]) == (409, "shipped")
    assert again.json() == first.json()
    became = (await shop.get("/operations/order/acme/pixi/4711/message/r")).json()
    assert (became["state"], became["reason"]) == ("refused", "shipped")


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (b"", "application/json", 422, "request_id_missing"),
        (b"{}", "application/json", 422, "request_id_missing"),
        (b"{", "application/json", 400, "malformed_json"),
        (b"\xff", "application/json", 400, "malformed_json"),
        (b'{"request_id": "\\ud800"}', "application/json", 400, "malformed_json"),
        (b"[" * 100_000, "application/json", 400, "malformed_json"),
        (b"[]", "application/json", 422, "invalid_request"),
        (b'{"request_id": 1}', "application/json", 422, "invalid_request"),
        (b'{"request_id": ""}', "application/json", 422, "invalid_request"),
        (b'{"request_id": "a\\nb"}', "application/json", 422, "invalid_request"),
        (b'{"request_id": "r", "wish": "x"}', "application/json", 422, "invalid_request"),
        (b'{"request_id": "%s"}' % (b"r" * 201), "application/json", 422, "invalid_request"),
        (b'{"request_id": "r"}', "text/plain", 415, "not_json"),
        (b"request_id=r", "application/x-www-form-urlencoded", 415, "not_json"),
        (b'{"request_id": "r"}', "", 415, "not_json"),
    ],
)
async def test_a_bad_body_is_refused(
    world: World, shop: AsyncClient, content: bytes, content_type: str, status: int, code: str
) -> None:
    """Each with its code and what to do; nothing is stored."""
    workflow_id = world.add_order("4711")
    answer = await shop.post(ADDRESS, content=content, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["what_to_do"]
    assert world.services.messages.of_order(workflow_id) == ()


async def test_two_different_request_ids_are_refused(world: World, shop: AsyncClient) -> None:
    """Body and header must not disagree."""
    world.add_order("4711")
    answer = await shop.post(ADDRESS, json={"request_id": "a"}, headers={"Idempotency-Key": "b"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "request_id_twice")


async def test_an_unknown_order_is_told_nothing(world: World, shop: AsyncClient) -> None:
    """404 with a hint, and no message is left behind for the relay."""
    answer = await shop.post("/orders/pixi/none/look-again", json={"request_id": "r"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_order")
    assert (await relay_once(world.services, grace=NO_GRACE)).messages == 0


async def test_an_order_that_was_never_recorded_can_be_told(world: World, shop: AsyncClient) -> None:
    """It has started and learned nothing yet: what it is told counts."""
    world.start_order("4711")
    assert (await shop.post(ADDRESS, json={"request_id": "r"})).status_code == 202


async def test_without_temporal_a_message_waits(world: World, shop: AsyncClient) -> None:
    """503 says that it is stored; the relay delivers it once Temporal is back, exactly once."""
    world.add_order("4711")
    world.messenger.down = True
    answer = await shop.post(ADDRESS, json={"request_id": "r"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "temporal_unavailable")
    assert "/operations/order/acme/pixi/4711/message/r" in answer.json()["error"]["what_to_do"]
    address = "/operations/order/acme/pixi/4711/message/r"
    assert (await shop.get(address)).json()["state"] == "received"
    assert (await relay_once(world.services, grace=NO_GRACE)).failed == 1
    world.messenger.down = False
    assert (await relay_once(world.services, grace=NO_GRACE)).messages == 1
    assert (await relay_once(world.services, grace=NO_GRACE)).messages == 0
    assert (await shop.get(address)).json()["state"] == "accepted"
    assert len(world.messenger.told) == 1


async def test_a_lost_answer_is_asked_for_again(world: World, shop: AsyncClient) -> None:
    """The order heard it and the answer got lost: a repetition and the relay make nothing double."""
    world.add_order("4711")
    world.messenger.lose_answers = True
    assert (await shop.post(ADDRESS, json={"request_id": "r"})).status_code == 503
    world.messenger.lose_answers = False
    again = await shop.post(ADDRESS, json={"request_id": "r"})
    assert (again.status_code, again.json()["answer"]) == (202, "already")
    assert len(world.messenger.told) == 1


async def test_the_relay_leaves_young_messages_to_their_request(world: World, shop: AsyncClient) -> None:
    """Whoever took a message in may still be waiting for the answer."""
    world.add_order("4711")
    world.messenger.down = True
    await shop.post(ADDRESS, json={"request_id": "r"})
    world.messenger.down = False
    assert (await relay_once(world.services)).messages == 0
    world.clock.forward(seconds=15)
    assert (await relay_once(world.services)).messages == 1


async def test_a_message_to_an_order_that_cannot_be_started_is_refused(world: World, shop: AsyncClient) -> None:
    """It does not stay with the relay for ever."""
    world.messenger.never_started.add(world.add_order("4711"))
    answer = await shop.post(ADDRESS, json={"request_id": "r"})
    assert answer.status_code == 404
    assert await relay_once(world.services, grace=NO_GRACE) == Relayed()


@pytest.mark.parametrize("order_no", ["A/1", "50%", "<b>", "ü 🙂"])
async def test_any_order_number_can_be_told(world: World, shop: AsyncClient, order_no: str) -> None:
    """The link to the operation leads back to the message."""
    world.add_order(order_no)
    address = (await shop.get("/orders")).json()["orders"][0]["links"]["self"]
    told = (await shop.post(f"{address}/look-again", json={"request_id": "a/b %"})).json()
    became = (await shop.get(told["links"]["operation"])).json()
    assert (became["operation_id"], became["subject"]) == (told["operation_id"], "a/b %")
