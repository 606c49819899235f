"""What is asked for: from the fields of a form to an action, asked for once, and what became of it."""

import asyncio
import hashlib

from domain.authorization.facts import Action, ActionKind, Origin
from paygate.fields import Fields
from paygate.formats import Message, finishes
from storage.authorization_list import AuthorizationRow
from storage.messages import message_operation_id
from web.authorizations import NotKnown, RequestIdReused, ask, ended
from web.messenger import TemporalUnreachable
from web.paygate.outcomes import REQUEST_ID_REUSED, STILL_OPEN, Result, failed, refused, result_of
from web.services import Services
from workflows.messages import Answer, HoldMessage

WAIT_SECONDS = 8.0  # shorter than the shortest patience that integrations are known to have
KINDS = {
    Message.CAPTURE: ActionKind.CAPTURE,
    Message.CREDIT: ActionKind.REFUND,
    Message.REVERSE: ActionKind.REVERSE,
    Message.CANCELAUTH: ActionKind.STOP_RENEWAL,
}
COUNTS_AS_FAILED = frozenset({Message.CAPTURE, Message.CREDIT, Message.REVERSE})  # rules R31, R33
_MALFORMED = -1  # no request that has a form can carry it


def action_of(page: Message, fields: Fields) -> Action:
    """The action behind the fields of a well-formed request."""
    kind = KINDS[page]
    if kind is ActionKind.CAPTURE:
        final = finishes(fields.get("FinishAuth"))
        return Action(kind, int(fields.get("Amount")), final=final, reference=fields.get("RefNr"))
    if kind is ActionKind.REFUND:
        return Action(kind, int(fields.get("Amount")), reference=fields.get("RefNr"))
    return Action(kind)


def malformed(kind: ActionKind) -> Action:
    """A request that cannot be carried out for its form: refused, and counted where the terms are strict (R32)."""
    return Action(kind, _MALFORMED)


def request_id_of(services: Services, row: AuthorizationRow, page: Message, fields: Fields) -> str:
    """The request id of a form: made of its ReqId, or of what it says.

    Without a ReqId a repetition joins the first request as long as that is under way. Once it has ended, the same words
    are a new request, as they are at Paygate.
    """
    if req_id := fields.get("ReqId"):
        return f"form/{page.value}/{req_id}"
    said = "&".join(f"{name.lower()}={value}" for name, value in sorted(fields.pairs) if name.lower() != "mac")
    digest = hashlib.sha256(said.encode()).hexdigest()[:24]
    state = services.authorization_list.state(row.workflow_id)
    number = 1
    while True:
        request_id = f"form/{page.value}//{digest}/{number}"
        message = services.messages.get(message_operation_id(row.workflow_id, request_id))
        if message is None:
            return request_id
        action = state.action(request_id) if state is not None else None
        if message.answer != Answer.REFUSED.value and (action is None or action.waits):
            return request_id
        number += 1


async def done(services: Services, row: AuthorizationRow, message: HoldMessage, seconds: float | None = None) -> Result:
    """Ask for something, once per request id, and what became of it within `seconds`, or the usual time."""
    try:
        asked = await ask(services, row.tenant, row.workflow_id, message, message.actor)
    except RequestIdReused:
        return failed(REQUEST_ID_REUSED, "this ReqId stands for another request")
    except NotKnown:
        return refused("not_found")
    except TemporalUnreachable:
        return STILL_OPEN  # it is stored and will be delivered
    if asked.answer is Answer.REFUSED:
        return refused(asked.reason)
    patience = WAIT_SECONDS if seconds is None else seconds
    return result_of(await ended(services, row.workflow_id, message.request_id, patience))


async def counted(services: Services, row: AuthorizationRow, kind: ActionKind, request_id: str, origin: Origin) -> None:
    """Let a request that broke its format count as a failed action where the terms say so (rules R31, R32)."""
    state = await asyncio.to_thread(services.authorization_list.state, row.workflow_id)
    if state is not None and state.terms.strict:
        await done(services, row, HoldMessage(request_id, malformed(kind), origin=origin), 0)
