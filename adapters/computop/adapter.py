"""Computop Paygate as a provider of card holds."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import structlog

from adapters.computop.account import PaygateAccount
from adapters.computop.answers import CallFailed
from adapters.computop.authorize import Authorize
from adapters.computop.calls import Calls
from adapters.computop.capture import Capture
from adapters.computop.client import PaygateClient, no_permit
from adapters.computop.messages import Malformed
from adapters.computop.once import Once
from adapters.computop.picture import PAY_ID, snapshot
from adapters.computop.refund import Refund
from adapters.computop.void import Void
from adapters.turns import Turns
from domain import reasons
from domain.authorization.facts import HoldSnapshot, HoldStanding
from domain.authorization.ports import AuthorizeRequest, Case, HoldCaptureRequest, HoldRefundRequest, HoldVoidRequest
from domain.errors import Misconfigured, Transient
from domain.outcomes import OperationResult, Outcome
from domain.ports import Earlier, Permits, SendPermit

log = structlog.get_logger(__name__)
Request = AuthorizeRequest | HoldCaptureRequest | HoldVoidRequest | HoldRefundRequest


def _utc_now() -> datetime:
    return datetime.now(UTC)


class PaygateHolds:
    """Fulfils `domain.authorization.ports.HoldProvider`; one instance serves all accounts, within one event loop.

    `accounts` finds an account by name and raises `Misconfigured` or `LookupError` when there is none; it is called in
    a thread. `clock` gives the present (UTC) for what results carry; pass the one that the caller lives by.
    `transport` is for tests.
    """

    def __init__(
        self,
        accounts: Callable[[str], PaygateAccount],
        *,
        clock: Callable[[], datetime] = _utc_now,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._client = PaygateClient(transport=transport)
        self._turns = Turns()

    async def read(self, account: str, case: Case, hold_id: str) -> HoldSnapshot:
        """The hold as it stands by its amounts. An id that is none of Paygate's is *missing*, without a request.

        Paygate tells neither a deadline nor that a hold ran out. Raises `Transient` and `Misconfigured`; the text of
        `Transient` is a code of `domain.reasons`.
        """
        as_of = self._clock()
        missing = HoldSnapshot(hold_id, HoldStanding.MISSING, as_of)
        if not PAY_ID.fullmatch(hold_id):
            return missing
        try:
            found = await self._account(account)
            seen = await Calls(self._client, found, case).hold(hold_id)
        except Malformed as wrong:
            raise Misconfigured(f"the case of account {account!r} has an impossible {wrong}") from None
        except CallFailed as failure:
            raise _unreadable(failure, account, hold_id) from None
        return missing if seen is None else snapshot(seen, case, hold_id, found.merchant_id, as_of)

    async def authorize(
        self, account: str, request: AuthorizeRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Place a hold once. Evidence: its PayID as reference, the XID as trace, the scheme's reference."""
        return await self._perform(
            "authorize",
            account,
            request,
            request.previous_hold_id,
            permit,
            lambda calls: Authorize(calls, earlier, permit, self._clock, request),
        )

    async def capture(
        self, account: str, request: HoldCaptureRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Capture once. Evidence: the capture's XID, or the PayID where it was found by reading."""
        return await self._perform(
            "capture",
            account,
            request,
            request.hold_id,
            permit,
            lambda calls: Capture(calls, earlier, permit, self._clock, request),
        )

    async def void(
        self, account: str, request: HoldVoidRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Give up a hold once, never a capture. One that is gone already is a success of nothing."""
        return await self._perform(
            "void",
            account,
            request,
            request.hold_id,
            permit,
            lambda calls: Void(calls, earlier, permit, self._clock, request),
        )

    async def refund(
        self, account: str, request: HoldRefundRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Give an amount back once. Evidence: the XID of the credit or reversal, or the PayID where it was read."""
        return await self._perform(
            "refund",
            account,
            request,
            request.hold_id,
            permit,
            lambda calls: Refund(calls, earlier, permit, self._clock, request),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def _perform(
        self,
        what: str,
        account: str,
        request: Request,
        hold_id: str,
        permit: SendPermit,
        operation: Callable[[Calls], Once],
    ) -> OperationResult:
        result = await self._result(account, request, hold_id, permit, operation)
        log.info(
            f"{what}.{result.outcome.value}",
            account=account,
            hold=hold_id,
            reference=request.reference,
            reason=result.reason,
            code=result.evidence.code,
            transaction=result.evidence.reference,
            amount_minor=result.evidence.amount_minor,
            trace=result.evidence.trace,
            found_by_reading=result.evidence.found_by_reading,
        )
        return result

    async def _result(
        self, account: str, request: Request, hold_id: str, permit: SendPermit, operation: Callable[[Calls], Once]
    ) -> OperationResult:
        if not PAY_ID.fullmatch(hold_id):
            return OperationResult(Outcome.DECLINED, reasons.NOT_FOUND)
        try:
            found = await self._account(account)
        except Misconfigured:
            return OperationResult(Outcome.NOT_SENT, reasons.MISCONFIGURED)
        look = permit.look if isinstance(permit, Permits) else no_permit
        once = operation(Calls(self._client, found, request.case, look))
        return await self._turns.take((found.merchant_id, request.reference), once.perform)

    async def _account(self, name: str) -> PaygateAccount:
        try:
            return await asyncio.to_thread(self._accounts, name)
        except LookupError:
            raise Misconfigured(f"there is no provider account {name!r}") from None


def _unreadable(failure: CallFailed, account: str, hold_id: str) -> Transient | Misconfigured:
    log.info("hold.unreadable", account=account, hold=hold_id, reason=failure.reason)
    if failure.reason == reasons.MISCONFIGURED:
        return Misconfigured(f"Paygate does not accept the credentials of account {account!r}")
    return Transient(failure.reason)
