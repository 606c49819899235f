"""Asking what became of an operation."""

import pytest
from httpx import AsyncClient

from domain.operations import Kind
from domain.outcomes import Evidence, OperationResult, Outcome
from tests.web.world import T0, World

CAPTURED = OperationResult(Outcome.SUCCEEDED, evidence=Evidence("s-chg-1", "t-1", 1995, "EUR", T0))


async def test_an_effect_is_shown_with_its_evidence(world: World, shop: AsyncClient) -> None:
    """Outcome, amount, the other side's id, and the way back to the order."""
    op_id = world.add_operation(world.add_order("4711"), Kind.CAPTURE, "R1", CAPTURED)
    shown = (await shop.get(f"/operations/{op_id}")).json()
    assert (shown["kind"], shown["state"], shown["amount_minor"]) == ("capture", "succeeded", 1995)
    assert (shown["evidence"]["reference"], shown["evidence"]["trace"]) == ("s-chg-1", "t-1")
    assert (await shop.get(shown["links"]["order"])).json()["order_no"] == "4711"
    assert (await shop.get(shown["links"]["self"])).json() == shown


@pytest.mark.parametrize(
    ("result", "state", "text"),
    [
        (None, "in_progress", ""),
        (OperationResult(Outcome.UNKNOWN, "no_answer"), "unknown", "no answer"),
        (OperationResult(Outcome.DECLINED, "expired"), "declined", "authorization no longer valid"),
    ],
)
async def test_every_state_has_a_word(
    world: World, shop: AsyncClient, result: OperationResult | None, state: str, text: str
) -> None:
    """Also what has no outcome yet."""
    op_id = world.add_operation(world.add_order("4711"), Kind.CAPTURE, "R1", result)
    shown = (await shop.get(f"/operations/{op_id}")).json()
    assert (shown["state"], shown["reason_text"]) == (state, text)


async def test_an_id_is_found_with_and_without_encoding_it_again(world: World, shop: AsyncClient) -> None:
    """The id contains percent signs of its own; many clients forget to encode them."""
    op_id = world.add_operation(world.add_order("A/1"), Kind.CAPTURE, "R 1", CAPTURED)
    assert "%2F" in op_id
    for address in (op_id, op_id.replace("%", "%25"), op_id.replace("%", "%25").replace("/", "%2F")):
        assert (await shop.get(f"/operations/{address}")).json()["operation_id"] == op_id


@pytest.mark.parametrize(
    "op_id", ["x", "order/acme/pixi/4711", "order/acme/pixi/4711/capture/R2/1", "order///", "%00", "%FF"]
)
async def test_an_unknown_operation_is_404(world: World, shop: AsyncClient, op_id: str) -> None:
    """Whatever stands in its place."""
    world.add_order("4711")
    answer = await shop.get(f"/operations/{op_id}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_operation")
