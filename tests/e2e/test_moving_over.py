"""Moving over from another app: its orders are not touched, new ones are ours, and open ones come by file."""

import asyncio
import json
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from cli.stage import CODES, Code
from domain.parties import Configuration
from storage.audit import AuditTrail
from tests.e2e.conftest import MakeLife
from tests.e2e.life import DAY, HOUR, TOTAL, Done, Life, Placed

OLD = Code("Z", "UZOLD")
LISTS = {"pixiGetChangedOrders", "pixiPayGetOrdersToAuthorize", "pixiPayGetInvoicesToCapture", "pixiImportFindXML"}


def capture_by_former_app(life: Life, payment_id: str, amount: int) -> None:
    """The former app takes money at the provider."""
    keys = life.stage.call("GET", life.stage.unzer)
    root = life.stage.unzer.split("/control/")[0]
    answer = httpx.post(
        f"{root}/v1/payments/{payment_id}/charges",
        json={"amount": f"{amount / 100:.2f}"},
        auth=(keys["private_key"], ""),
        timeout=60,
        trust_env=False,
    )
    answer.raise_for_status()


def settle(life: Life, document: str) -> None:
    """The former app books."""
    life.stage.call("POST", f"{life.stage.pixi}/invoices/{document}/settle")


def naming(life: Life, order: Placed) -> list[dict[str, Any]]:
    """Every request that named the order or its payment."""
    asked = [one for one in life.log(life.stage.pixi) if order.order_no in json.dumps(one.get("params", one))]
    looked = [one for one in life.log(life.stage.unzer) if order.payment_id in json.dumps(one)]
    return asked + looked


async def command(life: Life, *arguments: str) -> Result:
    """`holdfast orders import` with the environment of the running processes."""
    settings = life.stack.settings
    environment = {
        **os.environ,
        "HOLDFAST_DATABASE_URL": settings.database_url,
        "HOLDFAST_TEMPORAL_ADDRESS": settings.temporal_address,
        "HOLDFAST_MASTER_KEY": settings.master_key.get_secret_value(),
        "HOLDFAST_PROFILE": settings.profile.value,
    }
    place = ("--tenant", life.stage.role.tenant, "--connection", life.stage.role.connection)
    return await asyncio.to_thread(CliRunner().invoke, app, ["orders", "import", *arguments, *place], env=environment)


def rows(told: Result) -> dict[str, dict[str, Any]]:
    """What was told of each order, by its number; the summary under ''."""
    objects = [json.loads(line) for line in told.stdout.splitlines() if line.startswith("{")]
    return {one.get("order_no", ""): one for one in objects}


def switch_on(life: Life) -> None:
    role = life.stage.role
    wanted = Configuration(role.tenant, role.connection, role.shop, OLD.code, role.config(OLD))
    life.stack.stores.directory.put_configuration(wanted)


@dataclass
class Move:
    """A tenant whose payment code Z another app looks after, on the day on which Holdfast takes over."""

    life: Life
    held: Placed
    orders: dict[str, Placed]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def move(begin: MakeLife) -> Move:
    """Days beside each other, with changes all the time; our own orders go on."""
    life = await begin("moving", codes=CODES)
    life.poll_every(timedelta(minutes=30))

    def old(**fields: Any) -> Placed:
        return life.order(OLD.code, life.pay(), **{"xml_tag": OLD.xml_tag, "status": "ANG", **fields})

    held = old(status="HAL")
    orders = {name: old() for name in ("unshipped", "half", "unbooked", "finished", "returned")}
    ours = life.order()
    await life.pass_by(HOUR)
    for name in ("half", "unbooked", "finished", "returned"):
        order = orders[name]
        document = life.ship(order, *([1] if name == "half" else []))
        capture_by_former_app(life, order.payment_id, 6000 if name == "half" else TOTAL)
        if name != "unbooked":
            settle(life, document)
        await life.pass_by(HOUR)
    life.stage.at_order(orders["returned"].order_no, "return", lines=[1])
    for order in (held, *orders.values()):
        life.stage.at_order(order.order_no, "comment", text="changed")
    await life.pass_by(DAY)
    assert life.done(ours) == Done(releases=1, status="released")
    assert naming(life, ours), "requests that name an order are found"
    return Move(life, held, orders)


async def test_beside_another_app(move: Move) -> None:
    """Orders of a payment code without configuration are listed and nothing else: no read, no effect, no row."""
    life = move.life
    for order in (move.held, *move.orders.values()):
        assert [one for one in naming(life, order) if str(one.get("call")) not in LISTS and not _former(one)] == []
        assert life.row(order) is None
        assert life.comments(order) == []
    own = {"release", "lock", "unlock", "comment", "capture_reported", "booking"}
    touched = {str(one.get("order_nr")) for one in life.stage.effects(life.stage.pixi) if one["kind"] in own}
    assert not touched & {one.order_no for one in (move.held, *move.orders.values())}


def _former(request: dict[str, Any]) -> bool:
    """Requests of the former app itself, and of the customer in the shop."""
    return "charges" in str(request.get("path", "")) or str(request.get("call", "")) in ("charge", "authorize")


async def test_a_configuration_that_is_switched_on_later(move: Move) -> None:
    """It picks up what is on hold; what the former app let go stays alone, however often it changes."""
    life = move.life
    switch_on(life)
    await life.pass_by(HOUR)
    for order in move.orders.values():
        life.stage.at_order(order.order_no, "comment", text="changed again")
    await life.pass_by(HOUR)
    assert life.done(move.held) == Done(releases=1, status="released")
    assert [life.row(one) for one in move.orders.values()] == [None] * len(move.orders)


async def test_moving_over(move: Move, tmp_path: Path) -> None:
    """The dry run tells each order's future and changes nothing; the import does what was told, and once."""
    life, orders = move.life, move.orders
    by_hand = life.order("K", "", status="ANG", order_nr=777001, order_nr_external="P777001")
    foreign = life.order("Q", life.pay(), status="ANG", xml_tag="OTHER")
    file = tmp_path / "orders.csv"
    numbers = [one.order_no for one in (*orders.values(), by_hand, foreign, move.held, orders["half"])]
    lines = ["order_no;payment_id", *numbers, "999999999", f"{orders['unshipped'].order_no};x", ";s-pay-1"]
    file.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    before = (life.stage.effects(life.stage.pixi), life.stage.effects(life.stage.unzer))

    dry = await command(life, str(file), "--dry-run", "--json", "--language", "en")
    assert dry.exit_code == 1, dry.output
    told = rows(dry)
    texts = {name: told[order.order_no]["text"] for name, order in orders.items()}
    assert texts["unshipped"][0].startswith("nothing to do")
    assert texts["half"][0].startswith("nothing to do")
    assert len(texts["unbooked"]) == 2
    assert texts["unbooked"][0].startswith("would book 100.00 EUR for ")
    assert texts["finished"] == ["is finished, nothing to take over"]
    assert texts["returned"][0].startswith("would refund 60.00 EUR for credit note ")
    assert texts["returned"][0].endswith(" and book it")
    assert told[move.held.order_no]["verdict"] == "already"
    assert "P7" in told[by_hand.order_no]["text"][0]
    assert "no active configuration" in told[foreign.order_no]["text"][0]
    assert "no such order" in told["999999999"]["text"][0]
    assert told[""]["summary"] == {"take": 4, "finished": 1, "already": 1, "faulty": 6}
    assert before == (life.stage.effects(life.stage.pixi), life.stage.effects(life.stage.unzer))
    assert [life.row(one) for one in orders.values()] == [None] * len(orders)

    refused = await command(life, str(file), "--all-or-nothing")
    assert refused.exit_code == 1
    assert [life.row(one) for one in orders.values()] == [None] * len(orders)

    first = await command(life, str(file), "--json", "--by", "erika")
    assert first.exit_code == 1, first.output
    assert rows(first)[""]["summary"] == {"taken": 4, "finished": 1, "already": 1, "faulty": 6}
    await life.pass_by(HOUR)
    again = await command(life, str(file), "--json")
    assert rows(again)[""]["summary"] == {"already": 5, "finished": 1, "faulty": 6}
    trail = AuditTrail(life.stack.stores.db).entries("moving")
    assert [(one.actor, one.details["taken"]) for one in trail if "taken" in one.details] == [("erika", "4")]

    life.ship(orders["unshipped"])
    life.ship(orders["half"])
    await life.pass_by(HOUR)
    taken = {
        name: [one["amount_minor"] for one in life.stage.effects(life.stage.unzer) if _of(one, order, "capture")]
        for name, order in orders.items()
    }
    assert taken == {
        "unshipped": [TOTAL],
        "half": [6000, 4000],
        "unbooked": [TOTAL],
        "finished": [TOTAL],
        "returned": [TOTAL],
    }
    refunds = [one["amount_minor"] for one in life.stage.effects(life.stage.unzer) if one["kind"] == "refund"]
    assert refunds == [6000]
    assert {name: life.row(one).status for name, one in orders.items() if life.row(one)} == {  # type: ignore[union-attr]
        "unshipped": "settled",
        "half": "settled",
        "unbooked": "settled",
        "returned": "settled",
    }
    assert life.stage.violations() == []


def _of(effect: dict[str, Any], order: Placed, kind: str) -> bool:
    return effect.get("payment_id") == order.payment_id and effect["kind"] == kind
