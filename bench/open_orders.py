"""What a poll costs and how fast an order is served with few and with many open orders, side by side in one run."""

import asyncio
import statistics
import time
from collections.abc import Callable
from functools import partial

from temporalio.client import Client

from bench.crowd import Crowd
from bench.reporting import OpenOrders, Plan
from bench.stand import Stand

POLLS = 3


Tell = Callable[[str], None]


async def open_orders(stand: Stand, client: Client, plan: Plan, tell: Tell) -> OpenOrders:
    """Two tenants, one with few and one with many open orders; their polls and their orders are measured in turn."""
    crowds = []
    seeded = []
    for number, count in enumerate((plan.few, plan.many), start=plan.connections + 1):
        tell(f"setting up {count} open orders")
        crowds.append(Crowd(stand, await asyncio.to_thread(partial(stand.stage, number)), client))
        seeded.append(await crowds[-1].seed(count, held_share=plan.held_share, asleep=plan.asleep))
    tell("polling")
    calls = [await crowd.soap_calls(POLLS) for crowd in crowds]
    probes = [await crowd.some_released(plan.pairs, "probe") for crowd in crowds]
    tell("shipping")
    ratios = []
    for number, pair in enumerate(zip(*probes, strict=True)):
        # the first of a pair changes, so that neither always meets a machine that is still busy with the other
        order = (0, 1) if number % 2 == 0 else (1, 0)
        taken = [0.0, 0.0]
        for which in order:
            began = time.perf_counter()
            await crowds[which].ship_and_settle(pair[which])
            taken[which] = time.perf_counter() - began
        ratios.append(taken[1] / taken[0])
    return OpenOrders(
        few=str(seeded[0]),
        many=str(seeded[1]),
        few_calls=calls[0],
        many_calls=calls[1],
        delay_ratio=statistics.median(ratios),
        pairs=plan.pairs,
        equal=calls[0] == calls[1],
    )
