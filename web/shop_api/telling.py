"""Takes a message in, sends it to its order and words the answer. Each request id counts once per order."""

import asyncio
from datetime import datetime

import structlog
from pydantic import BaseModel

from domain.facts import Wish
from storage.messages import MessageRow, message_operation_id
from web.deliver import NOT_KNOWN, deliver
from web.edge.errors import ApiError
from web.edge.paths import joined
from web.messenger import TemporalUnreachable
from web.services import Services
from web.shop_api.access import Caller
from web.shop_api.operations import operation_path
from web.shop_api.orders import suffix_for, unknown_order
from workflows.ids import OrderId, order_workflow_id
from workflows.messages import Answer

log = structlog.get_logger()


class Accepted(BaseModel):
    """The order heard it. `already`: this request id was here before. `next_due`: when the order looks next (UTC)."""

    operation_id: str
    answer: Answer
    next_due: datetime | None
    links: dict[str, str]


async def tell(
    services: Services, caller: Caller, order: OrderId, wish: Wish, *, request_id: str, actor: str
) -> Accepted:
    """Store the message, send it, answer. What is stored and not answered is sent again by the relay."""
    first, message = await asyncio.to_thread(_take_in, services, order, wish, request_id, actor or caller.name)
    if message.wish != wish.value:
        raise ApiError(
            409,
            "request_id_reused",
            "This request id was used for another wish of this order.",
            "Give every wish a request id of its own.",
        )
    answer, reason, next_due = message.answer, message.reason, message.next_due
    if not answer:
        try:
            reply = await deliver(services, message)
        except TemporalUnreachable as error:
            log.warning("message.waits", operation=message.operation_id, reason=str(error))
            raise _waits(message) from None
        answer, reason, next_due = reply.answer.value, reply.reason, reply.next_due
        log.info("message.told", operation=message.operation_id, wish=wish.value, answer=answer)
    if answer == Answer.REFUSED.value:
        raise _refused(reason)
    suffix = suffix_for(caller, order.tenant)
    return Accepted(
        operation_id=message.operation_id,
        answer=Answer(answer) if first else Answer.ALREADY,
        next_due=next_due,
        links={
            "operation": operation_path(message.operation_id) + suffix,
            "order": joined("orders", order.connection, order.order_no) + suffix,
        },
    )


def _take_in(services: Services, order: OrderId, wish: Wish, request_id: str, actor: str) -> tuple[bool, MessageRow]:
    """The stored message, and whether it came for the first time."""
    workflow_id = order_workflow_id(order.tenant, order.connection, order.order_no)
    if services.records.start_of(workflow_id) is None:
        raise unknown_order()
    first = services.messages.receive(
        tenant=order.tenant,
        workflow_id=workflow_id,
        request_id=request_id,
        wish=wish.value,
        actor=actor,
        at=services.now(),
    )
    message = services.messages.get(message_operation_id(workflow_id, request_id))
    if message is None:
        raise LookupError("a stored message cannot be found again")
    return first, message


def _waits(message: MessageRow) -> ApiError:
    return ApiError(
        503,
        "temporal_unavailable",
        "The order could not be reached. The message is stored and will be delivered as soon as it can be.",
        f"GET {operation_path(message.operation_id)} tells what became of it; repeating with the same id is safe.",
        {"Retry-After": "5"},
    )


def _refused(reason: str) -> ApiError:
    if reason == NOT_KNOWN:
        return unknown_order()
    if reason == "shipped":
        return ApiError(
            409, reason, "Something of this order has shipped already.", "Take the goods back as a return instead."
        )
    return ApiError(409, reason or "refused", "The order refused this wish.", "Read the order to see where it stands.")
