"""Unzer as a payment provider of the domain."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import structlog

from adapters.unzer.account import UnzerAccount
from adapters.unzer.answers import CallFailed
from adapters.unzer.calls import Calls
from adapters.unzer.capture import Capture
from adapters.unzer.client import UnzerClient
from adapters.unzer.payment import PAYMENT_ID, snapshot
from domain import reasons
from domain.errors import Misconfigured, Transient
from domain.facts import PaymentSnapshot, Standing
from domain.outcomes import OperationResult, Outcome
from domain.ports import CaptureRequest, Earlier, SendPermit

log = structlog.get_logger(__name__)


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
            log.info("payment.unreadable", account=account, payment=payment_id, reason=failure.reason)
            if failure.reason == reasons.MISCONFIGURED:
                raise Misconfigured(f"the provider does not accept the credentials of account {account!r}") from None
            raise Transient(failure.reason) from None
        return missing if payment is None else snapshot(payment, as_of)

    def capture(self, account: str, request: CaptureRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        """Capture once. Evidence carries the path of the charge below the payment, its trace and its amount."""
        result = self._capture(account, request, earlier, permit)
        log.info(
            f"capture.{result.outcome.value}",
            account=account,
            payment=request.payment_id,
            reference=request.reference,
            reason=result.reason,
            charge=result.evidence.reference,
            trace=result.evidence.trace,
            found_by_reading=result.evidence.found_by_reading,
        )
        return result

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _capture(self, account: str, request: CaptureRequest, earlier: Earlier, permit: SendPermit) -> OperationResult:
        if not PAYMENT_ID.fullmatch(request.payment_id):
            return OperationResult(Outcome.DECLINED, reasons.NOT_FOUND)
        try:
            found = self._account(account)
        except Misconfigured:
            outcome = Outcome.UNKNOWN if earlier.sends > 0 else Outcome.NOT_SENT
            return OperationResult(outcome, reasons.MISCONFIGURED)
        calls = Calls(self._client, found, request.payment_id)
        return Capture(calls, request, earlier, permit, self._clock).perform()

    def _account(self, name: str) -> UnzerAccount:
        try:
            return self._accounts(name)
        except LookupError:
            raise Misconfigured(f"there is no provider account {name!r}") from None
