"""One tenant with two ERP databases: they share nothing but the account at the provider."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cli.stage import Stage
from domain.parties import Configuration
from storage.orders import Orders
from tests.crash.chaos import until
from tests.support.stack import Stack
from workflows.sending import WorkflowSender

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]

WITHIN = 180.0
OFTEN = timedelta(seconds=1)


def second_connection(stack: Stack, first: Stage) -> Stage:
    """Another database of the same tenant; its orders are counted from the same number on."""
    role = replace(first.role, connection="pixi-2", erp_account=f"{first.role.erp_account}2")
    stage = Stage(stack.places, stack.stores, role)
    stage.set_up(webhooks=False)  # its database; the tenant stands
    directory = stack.stores.directory
    known = directory.erp_connection(role.tenant, first.role.connection)
    assert known is not None
    user = f"pixi{role.erp_account}"
    url = f"{stack.places.url(stack.places.pixi)}/soap/{user}/"
    directory.put_erp_connection(replace(known, name=role.connection, base_url=url, username=user))
    for code in role.codes:
        config = replace(role.config(code), configuration=f"{role.tenant}-2-{code.code}")
        directory.put_configuration(Configuration(role.tenant, role.connection, role.shop, code.code, config))
    return stage


def paid_order(stage: Stage, external: str) -> str:
    payment = stage.seed_payment(type="card", state="authorized", amount_minor=9990, currency="EUR")
    return str(
        stage.import_order(
            order_nr_external=external,
            shop_id=stage.role.shop,
            payment_code="K",
            kk_id=payment,
            xml_tag="UZCARD",
            lines=[{"sku": "A", "qty": 1, "price": 9990}],
        )["order_nr"]
    )


async def reaches(stack: Stack, stage: Stage, order_no: str, wanted: str) -> None:
    def stands() -> bool:
        row = Orders(stack.stores.db).get_order(stage.role.tenant, stage.role.connection, order_no)
        return row is not None and row.status == wanted

    await until(f"{order_no} at {stage.role.connection} never {wanted}", stands, WITHIN)


def kinds(stage: Stage) -> list[str]:
    return [one["kind"] for one in stage.effects(stage.pixi) if one["kind"] != "comment"]


async def test_two_connections_of_a_tenant_go_on_side_by_side(stack: Stack) -> None:
    """While one database does not answer, an order of the other is released, captured and booked; afterwards its
    namesake at the first one is as well, each in its own database and once."""
    first = await asyncio.to_thread(stack.stage, "double", webhooks=False, simulated=False, poll_interval=OFTEN)
    second = await asyncio.to_thread(second_connection, stack, first)
    numbers = [await asyncio.to_thread(paid_order, one, f"W-{one.role.connection}") for one in (first, second)]
    assert numbers[0] == numbers[1], "the orders should have the same number"
    number = numbers[0]
    first.arm(first.pixi, call="*", kind="refuse", times=-1)
    settings = stack.settings
    sender = WorkflowSender(await stack.client(), settings.timing.pacing, settings.profile.value)
    for one in (first, second):
        await sender.start_poller(one.role.tenant, one.role.connection)
    await reaches(stack, second, number, "released")
    await asyncio.to_thread(second.at_order, number, "ship")
    await reaches(stack, second, number, "settled")
    assert kinds(first) == []
    await asyncio.to_thread(first.call, "DELETE", f"{first.pixi}/faults")
    await reaches(stack, first, number, "released")
    await asyncio.to_thread(first.at_order, number, "ship")
    await reaches(stack, first, number, "settled")
    for one in (first, second):
        assert kinds(one) == ["release", "capture_reported"]
    taken: list[dict[str, Any]] = [one for one in first.effects(first.unzer) if one["kind"] == "capture"]
    assert len({one["payment_id"] for one in taken}) == len(taken) == 2
