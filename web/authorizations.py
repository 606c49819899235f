"""Hands authorizations over and asks things of them: the one way of JSON API, encrypted forms and batch files.

What comes in is stored before it is sent. What was not answered is sent again by the relay.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from domain.authorization.handing_over import Fault, HandedOver, faults
from domain.authorization.state import ActionRecord
from domain.parties import ProviderAccount
from storage.authorizations import StartedAuthorization
from storage.messages import MessageRow, message_operation_id
from storage.values import to_json
from web.deliver import BEGIN, deliver_to_hold
from web.messenger import TemporalUnreachable
from web.services import Services
from workflows.ids import authorization_workflow_id
from workflows.messages import Answer, AuthorizationStart, HoldMessage

log = structlog.get_logger()

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.5


class NotKnown(LookupError):
    """There is no such account or authorization."""


class CannotBeHandedOver(ValueError):
    """What was handed over is wrong in `found`."""

    def __init__(self, found: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.message}" for one in found))
        self.found = found


class OtherwiseKnown(ValueError):
    """This hold is looked after already, under other names or with other figures."""


class RequestIdReused(ValueError):
    """The request id stands for something else that was asked of this authorization."""


@dataclass(frozen=True)
class Asked:
    """How a message was taken. `first` False: the request id was here before. `retry_at` (UTC): when a refused action
    would be allowed, or when an accepted one that has to wait will be carried out."""

    operation_id: str
    answer: Answer
    first: bool
    retry_at: datetime | None = None
    reason: str = ""


async def hand_over(services: Services, tenant: str, given: HandedOver, actor: str) -> tuple[str, bool]:
    """Look after a hold from now on; its workflow id, and False when it was handed over before.

    Raises `NotKnown` (the account), `CannotBeHandedOver`, `OtherwiseKnown`. Should the workflow server be away, the
    relay starts it later.
    """
    account = await asyncio.to_thread(hold_account, services, tenant, given.account)
    now = services.now() + services.clocks.offset(tenant)
    found = faults(given, services.holds[account.provider], now)
    if found:
        raise CannotBeHandedOver(found)
    started = _started(services, account, given)
    first = await asyncio.to_thread(_note, services, started, given, actor, now)
    message = await asyncio.to_thread(services.messages.get, message_operation_id(started.workflow_id, BEGIN))
    if message is not None and not message.answer:
        try:
            await deliver_to_hold(services, message)
        except TemporalUnreachable as error:
            log.warning("authorization.begins_later", workflow=started.workflow_id, reason=str(error))
    return started.workflow_id, first


def hold_account(services: Services, tenant: str, account: str) -> ProviderAccount:
    """An account of this tenant at a provider of holds. Raises `NotKnown`."""
    found = services.directory.provider_account(account)
    if found is None or found.tenant != tenant or found.provider not in services.holds:
        raise NotKnown(account)
    return found


async def ask(services: Services, tenant: str, workflow_id: str, wanted: HoldMessage, actor: str) -> Asked:
    """Ask something of an authorization, once per request id.

    Raises `NotKnown`, `RequestIdReused`, and `TemporalUnreachable`: then it is stored and will be delivered.
    """
    first, message = await asyncio.to_thread(_take_in, services, tenant, workflow_id, wanted, actor)
    if not message.answer:
        reply = await deliver_to_hold(services, message)
        log.info("hold.asked", operation=message.operation_id, wish=message.wish, answer=reply.answer.value)
        message = replace(message, answer=reply.answer.value, reason=reply.reason, next_due=reply.retry_at)
    answer = Answer(message.answer)
    if answer is Answer.ACCEPTED and not first:
        answer = Answer.ALREADY
    return Asked(message.operation_id, answer, first, message.next_due, message.reason)


async def ended(services: Services, workflow_id: str, request_id: str, seconds: float) -> ActionRecord | None:
    """What became of an action, waiting up to `seconds` for its end; None when it is not known to have begun."""
    until, pause = time.monotonic() + seconds, _FIRST_PAUSE_SECONDS
    while True:
        state = await asyncio.to_thread(services.authorization_list.state, workflow_id)
        action = state.action(request_id) if state is not None else None
        left = until - time.monotonic()
        if (action is not None and not action.waits) or left <= 0:
            return action
        await asyncio.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _started(services: Services, account: ProviderAccount, given: HandedOver) -> StartedAuthorization:
    start = AuthorizationStart(
        tenant=account.tenant,
        provider=account.provider,
        account=account.id,
        reference=given.reference,
        terms=services.terms.current(account.tenant, account.id),
        case_reference=given.case_reference,
        payout_reference=given.payout_reference,
        amount_minor=given.amount_minor,
        currency=given.currency,
        held_at=given.held_at,
    )
    return StartedAuthorization(
        workflow_id=authorization_workflow_id(account.tenant, account.id, given.reference),
        tenant=account.tenant,
        provider=account.provider,
        account=account.id,
        reference=given.reference,
        case_reference=given.case_reference,
        payout_reference=given.payout_reference,
        start=to_json(start),
        held_at=given.held_at,
    )


def _note(services: Services, started: StartedAuthorization, given: HandedOver, actor: str, now: datetime) -> bool:
    first = services.authorizations.begin(started, given.instrument, now)
    if not first:
        known = services.authorizations.started(started.workflow_id)
        names = ("case_reference", "payout_reference", "held_at")
        if known is None or any(getattr(known, one) != getattr(started, one) for one in names):
            raise OtherwiseKnown(given.reference)
    _receive(services, started.tenant, started.workflow_id, BEGIN, BEGIN, "", actor)
    return first


def _take_in(
    services: Services, tenant: str, workflow_id: str, wanted: HoldMessage, actor: str
) -> tuple[bool, MessageRow]:
    known = services.authorizations.started(workflow_id)
    if known is None or known.tenant != tenant:
        raise NotKnown(workflow_id)
    if wanted.action is not None:
        wish = wanted.action.kind.value
    else:
        wish = wanted.care.value if wanted.care is not None else ""
    # who asked stays in our own SQL: it may be somebody's name, and nothing personal enters a workflow
    content = to_json(replace(wanted, actor=""))
    first = _receive(services, tenant, workflow_id, wanted.request_id, wish, content, actor)
    message = services.messages.get(message_operation_id(workflow_id, wanted.request_id))
    if message is None:
        raise LookupError("a stored message cannot be found again")
    if message.content != content:
        raise RequestIdReused(wanted.request_id)
    return first, message


def _receive(
    services: Services, tenant: str, workflow_id: str, request_id: str, wish: str, content: str, actor: str
) -> bool:
    return services.messages.receive(
        tenant=tenant,
        workflow_id=workflow_id,
        request_id=request_id,
        wish=wish,
        actor=actor,
        at=services.now(),
        content=content,
    )
