"""Sends one stored message to its order and keeps the answer. May be repeated: orders know a request id again."""

import asyncio

from domain.facts import Wish
from storage.messages import MessageRow
from web.messenger import OrderNeverStarted
from web.services import Services
from workflows.messages import Answer, Message, Reply

NOT_KNOWN = "unknown_order"


async def deliver(services: Services, message: MessageRow) -> Reply:
    """The order's answer. Raises `TemporalUnreachable`; the message then stays without an answer for the relay."""
    try:
        # who asked stays in our own SQL: it may be somebody's name, and nothing personal enters a workflow
        told = Message(message.request_id, Wish(message.wish))
        reply = await services.messenger.tell(message.workflow_id, told)
    except OrderNeverStarted:
        reply = Reply(Answer.REFUSED, message.operation_id, reason=NOT_KNOWN)
    await asyncio.to_thread(
        services.messages.answered,
        message.workflow_id,
        message.request_id,
        reply.answer.value,
        reply.reason,
        reply.next_due,
    )
    return reply
