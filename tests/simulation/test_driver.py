"""The driver over half a year: who acts, when, and that every clock agrees with the world outside."""

from datetime import timedelta

from simulation.steps import At
from tests.simulation.conftest import Life, now
from tests.simulation.plays import DAY, Hold

CLOSE = timedelta(seconds=5)


async def test_half_a_year(life: Life) -> None:
    """Renewals, an order from the middle and its capture happen at their instants, all clocks agreeing."""
    began = now()
    driver = life.driver()
    order = life.id("order")
    await life.start("AuthorizationPlay", Hold(began), life.id("authorization"))
    await life.start("PollPlay", None, life.poller)

    async def new() -> None:
        life.outside.change(order, "new")

    async def ships() -> None:
        life.outside.change(order, "shipped")

    scenario = [At(began + 3 * DAY, "new order", new), At(began + 100 * DAY, "ships", ships)]
    await driver.run_until(began + 181 * DAY, scenario)

    renewed = life.log.of("authorize")
    assert len(renewed) == 25
    assert all(abs(at - began - timedelta(days=7 * (k + 1), hours=2)) < CLOSE for k, at in enumerate(renewed))
    assert [abs(at - began - 100 * DAY) < CLOSE for what in ("capture", "book") for at in life.log.of(what)] == [
        True,
        True,
    ]
    assert life.log.furthest_apart() < CLOSE
    told = await life.client.get_workflow_handle(order, result_type=list[str]).result()
    assert told[1:] == ["new", "shipped", "captured"]
    assert [one.workflow_id for one in life.offsets.open_workflows(life.tenant)] == [life.poller]
