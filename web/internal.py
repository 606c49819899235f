"""What the driver of simulated time asks: are the queues of this process empty? Not there in production."""

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel

from web.services import ServicesDep

router = APIRouter(include_in_schema=False)

_COUNTED = 1000


class Queues(BaseModel):
    """`marks`: payments to look at, due or merging. `unrouted`: those that no order knows; they do not keep it busy."""

    marks: int
    unrouted: int
    messages: int
    empty: bool


@router.get("/internal/queues")
async def queues(services: ServicesDep) -> Queues:
    """Counts what was taken in and not passed on yet."""
    marks, unrouted, messages = await asyncio.gather(
        asyncio.to_thread(services.inbox.pending),
        asyncio.to_thread(services.inbox.waiting, _COUNTED),
        asyncio.to_thread(services.messages.count_undelivered),
    )
    return Queues(marks=marks, unrouted=len(unrouted), messages=messages, empty=not marks and not messages)
