"""In real time nobody starts pollers by hand: the worker sees to them."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.windows import erp_is_quiet
from tests.support.stack import Stack

PATIENCE = timedelta(seconds=120)


@pytest.mark.skipif(erp_is_quiet(datetime.now(UTC)), reason="the ERP is quiet from midnight to 04:00 Berlin time")
def test_the_worker_starts_the_poller_of_a_real_tenant(tmp_path: Path) -> None:
    """An order of a tenant that is there when the worker starts is released without anybody's doing."""
    with Stack.start(tmp_path, without=("worker",)) as stack:
        stage = stack.stage("real", simulated=False, poll_interval=timedelta(seconds=1))
        payment = stage.seed_payment(type="card", state="authorized", amount_minor=1000, currency="EUR")
        number = str(
            stage.import_order(
                order_nr_external="W-1",
                shop_id="DEM",
                payment_code="K",
                kk_id=payment,
                xml_tag="UZCARD",
                lines=[{"sku": "A", "name": "A", "qty": 1, "price": 1000}],
                ship_cost_minor=0,
            )["order_nr"]
        )
        stack.run("worker")
        deadline = time.monotonic() + PATIENCE.total_seconds()
        while stage.order(number)["status"] != "OPEN" and time.monotonic() < deadline:
            time.sleep(0.2)
        assert stage.order(number)["status"] == "OPEN"
