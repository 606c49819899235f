"""What a happy order costs on real parts: card, expert mode, one invoice, no callbacks (docs/adr/0009)."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from domain.windows import erp_opens
from simulation.steps import At
from tests.support.stack import Stack
from tests.workflows.budget import ALLOWED, spent
from workflows.ids import order_workflow_id

DAY = timedelta(days=1)


async def test_a_happy_order_keeps_to_its_budget(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At most 4 activities, 2 local ones, 2 messages, 1 timer and 40 events until the order only waits for its end."""
    with Stack.start(tmp_path, without=("mailbox",)) as stack:
        stage = await asyncio.to_thread(partial(stack.stage, "budget", webhooks=False))
        driver = await stack.driver(stage, patience=timedelta(seconds=120))
        begins = erp_opens(datetime.now(UTC) + timedelta(minutes=2))
        order_no = "100001"

        async def arrives() -> None:
            payment = stage.seed_payment(type="card", state="authorized", amount_minor=9990, currency="EUR")
            order = stage.import_order(
                order_nr=int(order_no),
                order_nr_external="W-1",
                shop_id=stage.role.shop,
                payment_code="K",
                kk_id=payment,
                xml_tag="UZCARD",
                lines=[{"sku": "ART-1", "name": "Artikel", "qty": 1, "price": 9990}],
            )
            assert str(order["order_nr"]) == order_no

        async def ships() -> None:
            stage.at_order(order_no, "ship", lines=None)

        await driver.run_until(begins + 3 * DAY, [At(begins, "arrives", arrives), At(begins + 2 * DAY, "ships", ships)])
        client = await stack.client()
        history = await client.get_workflow_handle(order_workflow_id("budget", "pixi", order_no)).fetch_history()
        kinds = [
            (one.WhichOneof("attributes") or "").removesuffix("_event_attributes").upper() for one in history.events
        ]
        found = spent(kinds)
        with capsys.disabled():
            print("\nhappy order:", ", ".join(f"{found[name]} of {most} {name}" for name, most in ALLOWED.items()))  # noqa: T201
        assert {name: found[name] for name in ALLOWED if found[name] > ALLOWED[name]} == {}
        assert [one["kind"] for one in stage.effects(stage.unzer)].count("capture") == 1
