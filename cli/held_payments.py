"""Payments whose hold belongs to an authorization of its own: what an order wants goes through that authorization.

Fulfils `domain.ports.PaymentProvider` for the activities of orders. Reads and outcomes come from our own books, wishes
go as messages to the authorization's workflow, once per operation of the order.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Protocol, TypeVar

from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from domain import reasons
from domain.authorization.facts import Action, ActionKind, Origin
from domain.authorization.handing_over import HandingOver
from domain.authorization.of_order import became_of, picture, refused
from domain.authorization.ports import Instrument
from domain.authorization.state import AuthorizationState
from domain.errors import Transient
from domain.facts import PaymentSnapshot, Standing
from domain.outcomes import OperationResult, Outcome
from domain.parties import ProviderAccount
from domain.ports import (
    BankDetails,
    CaptureRequest,
    Earlier,
    PaymentProvider,
    RefundRequest,
    SendPermit,
    ShipmentRequest,
    VoidRequest,
)
from storage.authorizations import StartedAuthorization
from storage.values import to_json
from workflows.ids import authorization_workflow_id
from workflows.messages import Answer, AuthorizationStart, HoldMessage, HoldReply, PickUp
from workflows.sending_holds import AuthorizationSender, KnownAuthorization

T = TypeVar("T")
SEND_SECONDS = 15.0
SETTLES_WITHIN_SECONDS = 5.0  # most actions have ended by then, and the order need not come again for the outcome
_PAUSE_SECONDS = 0.1
_LOST = (RPCError, TimeoutError, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError)


def _waits(state: AuthorizationState, request_id: str) -> bool:
    record = state.action(request_id)
    return record is None or record.waits


class Books(Protocol):
    """What we know of authorizations and accounts."""

    def account(self, account: str) -> ProviderAccount:
        """The provider account. Raises `Misconfigured` when there is none."""

    def known(self, workflow_id: str) -> KnownAuthorization | None:
        """What is needed to start an authorization again; None when it was never handed over."""

    def state(self, workflow_id: str) -> AuthorizationState | None:
        """The last recorded state."""

    def begin(self, started: StartedAuthorization, instrument: Instrument, at: datetime) -> bool:
        """Note an authorization before its workflow starts."""

    def start(self, account: ProviderAccount, reference: str) -> AuthorizationStart:
        """How a new authorization of this account begins."""


class HeldPayments(PaymentProvider):
    """Payments at one provider of holds. `loop` is where the Temporal client lives."""

    def __init__(
        self,
        holds: HandingOver,
        books: Books,
        sender: AuthorizationSender,
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], datetime],
    ) -> None:
        self._holds = holds
        self._books = books
        self._sender = sender
        self._loop = loop
        self._clock = clock

    def read_payment(self, account: str, payment_id: str) -> PaymentSnapshot:
        """The payment by our own books. One that needs nothing but its id is looked after from now on; others are
        undecided until the shop hands them over."""
        if not self._holds.names(payment_id):
            return PaymentSnapshot(payment_id, Standing.MISSING, self._clock())
        workflow_id = self._workflow_id(account, payment_id)
        known = self._books.known(workflow_id)
        if known is None and not self._holds.needs:
            known = self._hand_over(account, payment_id, workflow_id)
        state = self._books.state(workflow_id)
        if known is not None and (state is None or state.seen is None):
            self._run(self._sender.begin(known, PickUp("order")))
            state = self._wait(workflow_id, lambda found: found.seen is not None)
        return picture(state, payment_id, self._clock())

    def capture(self, account: str, request: CaptureRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """A capture that comes too early waits for its instant, and the order is told which."""
        action = Action(
            ActionKind.CAPTURE, amount_minor=request.amount_minor, patient=True, reference=request.invoice_no
        )
        return self._ask(account, request.payment_id, request.reference, action, earlier, permit)

    def void(self, account: str, request: VoidRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """Give up what is held, and renew and split nothing any more."""
        action = Action(ActionKind.GIVE_UP)
        return self._ask(account, request.payment_id, request.reference, action, earlier, permit)

    def refund(self, account: str, request: RefundRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """Give back of what was captured."""
        action = Action(ActionKind.REFUND, amount_minor=request.amount_minor, reference=request.document_no)
        return self._ask(account, request.payment_id, request.reference, action, earlier, permit)

    def report_shipment(
        self, account: str, request: ShipmentRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Nobody wants to hear of it."""
        return OperationResult(Outcome.SUCCEEDED)

    def bank_details(self, account: str, payment_id: str) -> BankDetails | None:
        """Nobody transfers anything."""
        return None

    def _ask(
        self,
        account: str,
        payment_id: str,
        reference: str,
        action: Action,
        earlier: Earlier,
        permit: SendPermit,
    ) -> OperationResult:
        """The outcome, from our books where they know it; else ask the authorization, which hears a request once."""
        workflow_id, request_id = self._workflow_id(account, payment_id), f"order/{reference}"
        known = became_of(self._books.state(workflow_id), request_id)
        if known is not None and known.outcome is Outcome.PENDING and earlier.withdrawn:
            return self._withdraw(workflow_id, request_id) or known
        if known is not None:
            return known
        if earlier.sends and not earlier.may_send:
            return self._not_found(earlier)
        found = self._books.known(workflow_id)
        if found is None:
            return OperationResult(Outcome.DECLINED, reasons.NOT_FOUND)
        permit()
        message = HoldMessage(request_id, action=action, origin=Origin.ORDER)
        try:
            reply = self._run(self._sender.act(workflow_id, message, lambda: found))
        except Transient:
            return OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)
        return self._answered(workflow_id, request_id, action, reply)

    def _not_found(self, earlier: Earlier) -> OperationResult:
        if earlier.over and earlier.withdrawn:
            return OperationResult(Outcome.DECLINED, reasons.WITHDRAWN)
        return OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)

    def _answered(self, workflow_id: str, request_id: str, action: Action, reply: HoldReply) -> OperationResult:
        if reply.answer is Answer.REFUSED:
            return refused(action, reply.reason, reply.retry_at)
        if reply.retry_at is None:
            self._wait(workflow_id, lambda found: not _waits(found, request_id))
        became = became_of(self._books.state(workflow_id), request_id)
        return became or OperationResult(Outcome.PENDING, reasons.WAITING, retry_at=reply.retry_at)

    def _withdraw(self, workflow_id: str, request_id: str) -> OperationResult | None:
        """Have the authorization forget what nobody wants any more; None where that comes too late."""
        found = self._books.known(workflow_id)
        message = HoldMessage(f"{request_id}/withdrawn", withdraws=request_id, origin=Origin.ORDER)
        if found is None:
            return None
        try:
            reply = self._run(self._sender.act(workflow_id, message, lambda: found))
        except Transient:  # asked again when the order comes back for the outcome
            return None
        if reply.answer is Answer.REFUSED:
            return None
        self._wait(workflow_id, lambda state: not _waits(state, request_id))
        return became_of(self._books.state(workflow_id), request_id)

    def _wait(self, workflow_id: str, done: Callable[[AuthorizationState], bool]) -> AuthorizationState | None:
        """The recorded state, once it is so or some seconds have passed."""
        until = time.monotonic() + SETTLES_WITHIN_SECONDS
        while True:
            state = self._books.state(workflow_id)
            if (state is not None and done(state)) or time.monotonic() >= until:
                return state
            time.sleep(_PAUSE_SECONDS)

    def _hand_over(self, account: str, payment_id: str, workflow_id: str) -> KnownAuthorization | None:
        owner = self._books.account(account)
        start = self._books.start(owner, payment_id)
        started = StartedAuthorization(
            workflow_id=workflow_id,
            tenant=owner.tenant,
            provider=owner.provider,
            account=owner.id,
            reference=payment_id,
            case_reference="",
            payout_reference="",
            start=to_json(start),
        )
        self._books.begin(started, Instrument(), self._clock())
        return self._books.known(workflow_id)

    def _workflow_id(self, account: str, payment_id: str) -> str:
        return authorization_workflow_id(self._books.account(account).tenant, account, payment_id)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(SEND_SECONDS)
        except _LOST as error:
            raise Transient(f"the authorization did not answer: {type(error).__name__}") from error
