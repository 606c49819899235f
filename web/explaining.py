"""What an order waits for: asked of the order itself, or worked out from what is stored when it cannot be asked."""

import asyncio
from dataclasses import dataclass

from domain.explain import Explanation, explain
from storage.rows import OrderRow
from web.messenger import TemporalUnreachable
from web.services import Services


@dataclass(frozen=True)
class Explained:
    """`live`: the order said so itself. `reachable`: the workflow server answered. None: nothing is stored either."""

    explanation: Explanation | None
    live: bool
    reachable: bool


async def explain_order(services: Services, order: OrderRow) -> Explained:
    """Never raises because Temporal is away."""
    try:
        told = await services.messenger.explain(order.workflow_id)
    except TemporalUnreachable:
        return Explained(await asyncio.to_thread(_from_stored, services, order), live=False, reachable=False)
    if told is not None:
        return Explained(told, live=True, reachable=True)
    return Explained(await asyncio.to_thread(_from_stored, services, order), live=False, reachable=True)


def _from_stored(services: Services, order: OrderRow) -> Explanation | None:
    state, start = services.orders.state(order.workflow_id), services.records.start_of(order.workflow_id)
    if state is None or start is None:
        return None
    now = services.now() + services.clocks.offset(order.tenant)
    return explain(state, start.config, services.settings.timing.pacing, now)
