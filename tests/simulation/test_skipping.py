"""What is relied on of the SDK's private time-skipping classes and of the server behind them."""

import dataclasses
import inspect
from datetime import timedelta

import pytest
from temporalio.client import Client, StartWorkflowInput
from temporalio.service import RPCError
from temporalio.testing import _timeskipping as private

from simulation.skipping import Skipper, start_config
from tests.simulation.conftest import Life, now
from tests.simulation.plays import DAY, Errand

CLOSE = timedelta(seconds=5)


def test_the_private_names_exist() -> None:
    """The SDK still has the private classes, their fields and the methods that are used."""
    assert {"id", "duration"} <= {one.name for one in dataclasses.fields(private.FastForwardConfig)}
    wanted = {"enabled", "fast_forward_config", "max_session_skip_count"}
    assert wanted <= {one.name for one in dataclasses.fields(private.TimeSkippingConfig)}
    assert list(inspect.signature(private.TimeSkipper.fast_forward).parameters)[1:] == ["handle", "duration"]
    assert inspect.iscoroutinefunction(private.TimeSkipper.get_current_time)
    assert "time_skipping_config" in {one.name for one in dataclasses.fields(StartWorkflowInput)}


async def test_a_forward_passes_a_timer(life: Life) -> None:
    """A forward moves the clock by what was asked, fires the timer on the way, and tells when the workflow ended."""
    errand = life.id("errand")
    await life.start("ErrandPlay", Errand(3 * DAY, "errand"), errand)
    skipper = Skipper(life.client)
    began = now()
    assert await skipper.fast_forward(errand, 2 * DAY)
    assert abs(await skipper.time_of(errand) - began - 2 * DAY) < CLOSE
    assert not life.log.acts
    assert not await skipper.fast_forward(errand, 2 * DAY)
    assert abs(life.log.of("errand")[0] - began - 3 * DAY) < CLOSE
    assert not await skipper.fast_forward(errand, DAY)


async def test_a_forward_adds_two_events(life: Life) -> None:
    """A forward that does nothing else adds exactly the two events that the driver reckons with."""
    errand = life.id("errand")
    await life.start("ErrandPlay", Errand(9 * DAY, "errand"), errand)
    skipper, handle = Skipper(life.client), life.client.get_workflow_handle(errand)
    await skipper.fast_forward(errand, DAY)
    before = (await handle.describe()).history_length
    await skipper.fast_forward(errand, DAY)
    assert (await handle.describe()).history_length == before + 2


@pytest.mark.parametrize("signal", [True, False], ids=["signal-with-start", "start"])
async def test_a_delayed_start_begins_at_its_instant(life: Life, signal: bool) -> None:
    """A start with delay and forward of one length runs its first task at the simulated instant, at once."""
    offset, workflow_id = 100 * DAY, life.id("order")
    life.offsets.set_offset(life.tenant, offset)
    await (life.tell(workflow_id, "new") if signal else life.start("OrderPlay", "", workflow_id))
    began = await life.began(workflow_id)
    assert abs(began - now() - offset) < CLOSE


async def test_an_activity_knows_the_virtual_time(life: Life) -> None:
    """An activity's started time is that of its workflow's clock, also on its second attempt."""
    life.failing["errand"] = 1
    began, errand = now(), life.id("errand")
    await life.start("ErrandPlay", Errand(DAY, "errand", attempts=2), errand)
    await Skipper(life.client).fast_forward(errand, 10 * DAY)
    first, second = life.log.of("errand")
    assert abs(first - began - DAY) < CLOSE
    assert abs(second - began - DAY - timedelta(hours=1)) < CLOSE


async def test_too_short_a_forward_is_refused(plain: Client) -> None:
    """Less than a second is refused before anything is sent."""
    with pytest.raises(ValueError, match="a second at least"):
        await Skipper(plain).fast_forward("order/nobody/1", timedelta(milliseconds=900))


async def test_nobody_has_no_clock(plain: Client) -> None:
    """The clock of an unknown workflow is an error, a forward of it says that it is not running."""
    with pytest.raises(RPCError):
        await Skipper(plain).time_of("order/nobody/1")
    assert not await Skipper(plain).fast_forward("order/nobody/1", DAY)


def test_a_start_config_forwards_by_the_offset() -> None:
    """Each start gets a forward of its own, of the offset's length."""
    one, other = start_config(3 * DAY), start_config(3 * DAY)
    assert one.fast_forward_config.duration.ToTimedelta() == 3 * DAY
    assert one.fast_forward_config.id != other.fast_forward_config.id
