"""Unzer as a payment provider of the domain."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import structlog

from adapters.unzer.account import UnzerAccount
from adapters.unzer.answers import CallFailed
from adapters.unzer.bank import bank_details
from adapters.unzer.calls import Calls
from adapters.unzer.capture import Capture
from adapters.unzer.client import UnzerClient, no_permit
from adapters.unzer.once import Once
from adapters.unzer.payment import PAYMENT_ID, snapshot
from adapters.unzer.refund import Refund
from adapters.unzer.shipment import Shipment
from adapters.unzer.void import Void
from domain import reasons
from domain.errors import Misconfigured, Transient
from domain.facts import PaymentSnapshot, Standing
from domain.outcomes import OperationResult, Outcome
from domain.ports import (
    BankDetails,
    CaptureRequest,
    Earlier,
    Permits,
    RefundRequest,
    SendPermit,
    ShipmentRequest,
    VoidRequest,
)

log = structlog.get_logger(__name__)
Request = CaptureRequest | VoidRequest | RefundRequest | ShipmentRequest


def _utc_now() -> datetime:
    return datetime.now(UTC)


class UnzerPayments:
    """Fulfils `domain.ports.PaymentProvider`; one instance serves all threads and accounts.

    `accounts` finds an account by name and raises `Misconfigured` or `LookupError` when there is none. `clock` gives
    the present (UTC) for what results carry; pass the one that the caller lives by. `transport` is for tests.
    """

    def __init__(
        self,
        accounts: Callable[[str], UnzerAccount],
        *,
        clock: Callable[[], datetime] = _utc_now,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._client = UnzerClient(clock, transport=transport)

    def read_payment(self, account: str, payment_id: str) -> PaymentSnapshot:
        """The payment as it stands. An id that is none of the provider's is *missing*, without a request.

        Raises `Transient` and `Misconfigured`; the text of `Transient` is a code of `domain.reasons`.
        """
        as_of = self._clock()
        missing = PaymentSnapshot(payment_id, Standing.MISSING, as_of)
        if not PAYMENT_ID.fullmatch(payment_id):
            return missing
        try:
            payment = Calls(self._client, self._account(account), payment_id).payment()
        except CallFailed as failure:
            raise _unreadable(failure, account, payment_id) from None
        return missing if payment is None else snapshot(payment, as_of)

    def capture(self, account: str, request: CaptureRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """Capture once. Evidence carries the path of the charge below the payment, its trace and its amount."""
        return self._perform(
            "capture",
            account,
            request,
            earlier,
            permit,
            lambda calls: Capture(calls, earlier, permit, self._clock, request),
        )

    def void(self, account: str, request: VoidRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """Reverse what is held, or cancel what is owed, once. Nothing being left is a success of nothing."""
        return self._perform(
            "void",
            account,
            request,
            earlier,
            permit,
            lambda calls: Void(calls, earlier, permit, self._clock, request),
        )

    def refund(self, account: str, request: RefundRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """Give an amount back once, from one charge after the other. Evidence carries the path of the first cancel
        and what all of them gave back."""
        return self._perform(
            "refund",
            account,
            request,
            earlier,
            permit,
            lambda calls: Refund(calls, earlier, permit, self._clock, request),
        )

    def report_shipment(
        self, account: str, request: ShipmentRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Report the shipment once. A payment that needs no report, or has one, is a success."""
        return self._perform(
            "shipment",
            account,
            request,
            earlier,
            permit,
            lambda calls: Shipment(calls, earlier, permit, self._clock, request),
        )

    def bank_details(self, account: str, payment_id: str) -> BankDetails | None:
        """Where the customer transfers to; never the customer's own account. Raises as `read_payment` does."""
        if not PAYMENT_ID.fullmatch(payment_id):
            return None
        try:
            return bank_details(Calls(self._client, self._account(account), payment_id))
        except CallFailed as failure:
            raise _unreadable(failure, account, payment_id) from None

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _perform(
        self,
        what: str,
        account: str,
        request: Request,
        earlier: Earlier,
        permit: SendPermit,
        operation: Callable[[Calls], Once],
    ) -> OperationResult:
        look = permit.look if isinstance(permit, Permits) else no_permit
        result = self._result(account, request.payment_id, earlier, look, operation)
        log.info(
            f"{what}.{result.outcome.value}",
            account=account,
            payment=request.payment_id,
            reference=request.reference,
            reason=result.reason,
            transaction=result.evidence.reference,
            amount_minor=result.evidence.amount_minor,
            trace=result.evidence.trace,
            found_by_reading=result.evidence.found_by_reading,
        )
        return result

    def _result(
        self, account: str, payment_id: str, earlier: Earlier, look: SendPermit, operation: Callable[[Calls], Once]
    ) -> OperationResult:
        if not PAYMENT_ID.fullmatch(payment_id):
            return OperationResult(Outcome.DECLINED, reasons.NOT_FOUND)
        try:
            found = self._account(account)
        except Misconfigured:
            outcome = Outcome.UNKNOWN if earlier.sends > 0 else Outcome.NOT_SENT
            return OperationResult(outcome, reasons.MISCONFIGURED)
        return operation(Calls(self._client, found, payment_id, look)).perform()

    def _account(self, name: str) -> UnzerAccount:
        try:
            return self._accounts(name)
        except LookupError:
            raise Misconfigured(f"there is no provider account {name!r}") from None


def _unreadable(failure: CallFailed, account: str, payment_id: str) -> Transient | Misconfigured:
    log.info("payment.unreadable", account=account, payment=payment_id, reason=failure.reason)
    if failure.reason == reasons.MISCONFIGURED:
        return Misconfigured(f"the provider does not accept the credentials of account {account!r}")
    return Transient(failure.reason)
