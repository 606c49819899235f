"""Sends one stored message to its workflow and keeps the answer. May be repeated: a request id is known again."""

import asyncio
from datetime import datetime

from domain.facts import Wish
from storage.messages import MessageRow
from storage.values import from_json
from web.messenger import NeverStarted
from web.services import Services
from workflows.messages import Answer, HoldMessage, HoldReply, Message, Reply

NOT_KNOWN = "unknown_order"
BEGIN = "begin"  # the wish that an authorization be looked after


async def deliver(services: Services, message: MessageRow) -> Reply:
    """The order's answer. Raises `TemporalUnreachable`; the message then stays without an answer for the relay."""
    try:
        # who asked stays in our own SQL: it may be somebody's name, and nothing personal enters a workflow
        told = Message(message.request_id, Wish(message.wish))
        reply = await services.messenger.tell(message.workflow_id, told)
    except NeverStarted:
        reply = Reply(Answer.REFUSED, message.operation_id, reason=NOT_KNOWN)
    await _keep(services, message, reply.answer, reply.reason, reply.next_due)
    return reply


async def deliver_to_hold(services: Services, message: MessageRow) -> HoldReply:
    """The authorization's answer. Raises `TemporalUnreachable`; the message then stays for the relay."""
    try:
        if message.wish == BEGIN:
            await services.hold_messenger.begin(message.workflow_id)
            reply = HoldReply(Answer.ACCEPTED, message.operation_id)
        else:
            told = from_json(HoldMessage, message.content)
            reply = await services.hold_messenger.act(message.workflow_id, told)
    except NeverStarted:
        reply = HoldReply(Answer.REFUSED, message.operation_id, reason=NOT_KNOWN)
    await _keep(services, message, reply.answer, reply.reason, reply.retry_at)
    return reply


async def _keep(services: Services, message: MessageRow, answer: Answer, reason: str, at: datetime | None) -> None:
    keep = services.messages.answered
    await asyncio.to_thread(keep, message.workflow_id, message.request_id, answer.value, reason, at)
