"""Reading orders through the shop API."""

import base64
import json
from datetime import timedelta

import pytest
from httpx import AsyncClient

from domain.explain import Explanation
from domain.facts import CheckFailed, OperationEnded, ProblemRaised, Told, Wish
from domain.operations import Kind, Note
from domain.outcomes import Evidence, OperationResult, Outcome
from tests.web.world import T0, World, capture

CAPTURED = OperationResult(Outcome.SUCCEEDED, evidence=Evidence("s-chg-1", "t-1", 1995, "EUR", T0))
DIFFERS = ProblemRaised(T0, "amount_differs", "order", "1", (("order", "19.95 EUR"), ("payment", "9.95 EUR")))


async def test_a_list_shows_the_orders_of_the_tenant(world: World, shop: AsyncClient) -> None:
    """The newest change first, with amounts in minor units and links that lead to the order."""
    world.add_order("1")
    world.add_order("2", as_of=T0 + timedelta(minutes=1))
    world.add_order("3", tenant="rival")
    answer = (await shop.get("/orders")).json()
    assert [one["order_no"] for one in answer["orders"]] == ["2", "1"]
    assert answer["orders"][0]["total_minor"] == 1995
    assert (await shop.get(answer["orders"][0]["links"]["self"])).json()["order_no"] == "2"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=shipping", ["plain", "wrong"]),
        ("status=settled", []),
        ("problem=amount_differs", ["wrong"]),
        ("needs_human=true", ["wrong"]),
        ("needs_human=false", ["plain"]),
        ("text=w-pla", ["plain"]),
        ("connection=other", []),
    ],
)
async def test_a_list_is_filtered(world: World, shop: AsyncClient, query: str, found: list[str]) -> None:
    """Each filter leaves out what does not fit."""
    world.add_order("plain")
    world.add_order("wrong", DIFFERS)
    rows = (await shop.get(f"/orders?{query}")).json()["orders"]
    assert sorted(one["order_no"] for one in rows) == found


async def test_pages_neither_repeat_nor_skip(world: World, shop: AsyncClient) -> None:
    """Following `next` to the end shows every order once."""
    for number in range(5):
        world.add_order(str(number))
    seen: list[str] = []
    address: str | None = "/orders?limit=2&text=W-"
    while address:
        answer = (await shop.get(address)).json()
        seen += [one["order_no"] for one in answer["orders"]]
        address = answer["next"]
    assert sorted(seen) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("query", ["after=nonsense", "limit=0", "limit=1000", "status=happy", "family=x"])
async def test_a_parameter_without_sense_is_named(shop: AsyncClient, query: str) -> None:
    """The answer names the parameter and says what to do."""
    answer = await shop.get(f"/orders?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["error"]["message"]
    assert answer.json()["error"]["what_to_do"]


@pytest.mark.parametrize(
    "key", ["2027-01-01T00:00:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", 7, None]
)
async def test_a_made_up_cursor_is_refused(shop: AsyncClient, anyone: AsyncClient, key: object) -> None:
    """Also one that looks like ours; the page of orders begins anew."""
    forged = base64.urlsafe_b64encode(json.dumps(["changed", key, "x"]).encode()).decode()
    answer = await shop.get("/orders", params={"after": forged})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_cursor")
    assert (await anyone.get("/", params={"after": forged})).status_code == 200


async def test_a_deeply_nested_cursor_is_refused(shop: AsyncClient) -> None:
    """Reading it must not exhaust anything."""
    forged = base64.urlsafe_b64encode(b"[" * 1400).decode()
    assert (await shop.get("/orders", params={"after": forged})).status_code == 422


async def test_an_order_comes_with_everything(world: World, shop: AsyncClient) -> None:
    """Invoices with what was captured, problems in both languages, and what the running order says of itself."""
    world.add_order("4711", DIFFERS, OperationEnded(capture(), T0, CAPTURED))
    due = T0 + timedelta(days=3)
    world.messenger.explanation = Explanation(
        "waiting_transfer",
        Note.of("wait_erp_window", until="2027-03-02T03:00+00:00"),
        not_captured=Note.of("blocked", problem="amount_differs"),
        next_due=due,
    )
    order = (await shop.get("/orders/pixi/4711")).json()
    assert order["status"] == "waiting_transfer"
    assert order["next_due"] == "2027-03-04T09:00:00Z"
    assert order["why"]["live"] is True
    assert "02.03.2027, 04:00 Uhr" in order["why"]["waits_for"]["de"]
    assert "2027-03-02, 04:00" in order["why"]["waits_for"]["en"]
    assert order["why"]["not_released"] is None
    assert "Amount differs" in order["why"]["not_captured"]["en"]
    assert (order["invoices"][0]["captured_minor"], order["invoices"][0]["capture_reference"]) == (1995, "s-chg-1")
    problem = order["problems"][0]
    assert problem["number"] == 2017
    assert "9.95 EUR" in problem["de"]["what_happened"]
    assert "9.95 EUR" in problem["en"]["what_happened"]


async def test_an_order_is_read_without_temporal(world: World, shop: AsyncClient) -> None:
    """The why-text is worked out from what is stored, and the answer says so."""
    world.add_order("4711", CheckFailed(T0, "amount_differs", DIFFERS.params))
    world.messenger.down = True
    why = (await shop.get("/orders/pixi/4711")).json()["why"]
    assert (why["live"], why["temporal_reachable"]) == (False, False)
    assert why["not_captured"]["code"] == "blocked"


async def test_an_order_that_temporal_forgot_is_still_explained(world: World, shop: AsyncClient) -> None:
    """Closed long ago: nobody answers for it, but Temporal is there."""
    world.add_order("4711")
    why = (await shop.get("/orders/pixi/4711")).json()["why"]
    assert (why["live"], why["temporal_reachable"]) == (False, True)
    assert why["waits_for"]["de"]


async def test_the_journal_has_facts_operations_and_messages(world: World, shop: AsyncClient) -> None:
    """Facts page by page with their content, operations with their evidence, messages with their answer."""
    workflow_id = world.add_order("4711", Told("r-1", Wish.LOOK_AGAIN, T0, "shop"), DIFFERS)
    world.add_operation(workflow_id, Kind.CAPTURE, "R1", CAPTURED)
    await shop.post("/orders/pixi/4711/look-again", json={"request_id": "r-2"})
    journal = (await shop.get("/orders/pixi/4711/journal?limit=2")).json()
    assert [one["kind"] for one in journal["facts"]] == ["ErpReported", "Told"]
    assert journal["facts"][1]["fact"]["wish"] == "look_again"
    assert journal["operations"][0]["evidence"]["reference"] == "s-chg-1"
    assert journal["messages"][0]["state"] == "accepted"
    rest = (await shop.get(journal["next"])).json()
    assert [one["kind"] for one in rest["facts"]] == ["ProblemRaised"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    "order_no", ["A/1", "A%2F1", "quote\"'", "<script>alert(1)</script>", "ü 🙂", "a?b#c", "1/journal", "%"]
)
async def test_order_numbers_may_contain_anything(world: World, shop: AsyncClient, order_no: str) -> None:
    """The links of the list lead to the order and to its journal, whatever its number is."""
    world.add_order(order_no)
    links = (await shop.get("/orders")).json()["orders"][0]["links"]
    assert (await shop.get(links["self"])).json()["order_no"] == order_no
    assert (await shop.get(links["journal"])).json()["facts"][0]["fact"]["snapshot"]["order_no"] == order_no


@pytest.mark.parametrize("path", ["/orders/pixi/none", "/orders/none/4711", "/orders/pixi/none/journal"])
async def test_an_unknown_order_gets_a_hint(world: World, shop: AsyncClient, path: str) -> None:
    """404 says how to find the right number."""
    world.add_order("4711")
    answer = await shop.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_order")
    assert "GET /orders?text=" in answer.json()["error"]["what_to_do"]
