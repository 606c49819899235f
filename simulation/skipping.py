"""A workflow's skipped clock: the only module that knows the SDK's private time-skipping classes.

They are experimental; `tests/simulation/test_skipping.py` says what is relied on.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.common.v1 import TimeSkippingConfig as SkippingProto
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing._timeskipping import FastForwardConfig, TimeSkipper, TimeSkippingConfig

SHORTEST = timedelta(seconds=1)  # below that a forward may end before it began
MOST_SKIPS = 100_000  # after that many skips in one forward the server would go on in real time, silently


@dataclass(frozen=True)
class SkippedClock:
    """What a description tells about a workflow's clock. `forwarding`: it is still on its way somewhere."""

    now: datetime
    forwarding: bool


def start_config(offset: timedelta) -> SkippingProto:
    """Config of a start whose clock goes forward by `offset` at once."""
    forward = FastForwardConfig(id=str(uuid.uuid4()), duration=offset)
    config = TimeSkippingConfig(fast_forward_config=forward, max_session_skip_count=MOST_SKIPS)
    return config._to_proto()


def clock_in(description: WorkflowExecutionDescription, at: datetime) -> SkippedClock:
    """The clock as a description shows it; `at` (real time) for a workflow that was never forwarded."""
    extended = description.raw_description.workflow_extended_info
    if not extended.HasField("time_skipping_info"):
        return SkippedClock(at, False)
    info = extended.time_skipping_info
    now = info.current_time.ToDatetime().replace(tzinfo=UTC)
    return SkippedClock(now, info.effective_config.enabled)


class Skipper:
    """Moves the clocks of single workflows."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(max_session_skip_count=MOST_SKIPS))

    async def fast_forward(self, workflow_id: str, by: timedelta) -> bool:
        """Forward one clock and wait until everything due on the way is done; False when the workflow has ended."""
        if by < SHORTEST:
            raise ValueError(f"a clock is forwarded by a second at least, not by {by.total_seconds()} s")
        try:
            return await self._skipper.fast_forward(self._client.get_workflow_handle(workflow_id), by)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise

    async def time_of(self, workflow_id: str) -> datetime:
        """The workflow's own time (UTC)."""
        return await self._skipper.get_current_time(self._client.get_workflow_handle(workflow_id))
