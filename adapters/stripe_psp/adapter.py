"""Stripe as a provider of card holds."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from adapters.stripe_psp.account import StripeAccount
from adapters.stripe_psp.answers import CallFailed
from adapters.stripe_psp.authorize import Authorize
from adapters.stripe_psp.calls import Calls, no_permit
from adapters.stripe_psp.capture import Capture
from adapters.stripe_psp.client import Clients
from adapters.stripe_psp.once import Once
from adapters.stripe_psp.refund import Refund
from adapters.stripe_psp.snapshot import snapshot
from adapters.stripe_psp.void import Void
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


class StripeHolds:
    """Fulfils `domain.authorization.ports.HoldProvider`; one instance serves all accounts, within one event loop.

    `accounts` finds an account by name and raises `Misconfigured` or `LookupError` when there is none; it is called in
    a thread. `clock` gives the present (UTC) for what results carry; pass the one that the caller lives by. A hold is
    called by the id of its PaymentIntent. Everything else that is needed of the card is read from the first one.
    """

    def __init__(self, accounts: Callable[[str], StripeAccount], *, clock: Callable[[], datetime] = _utc_now) -> None:
        self._accounts = accounts
        self._clock = clock
        self._clients = Clients()
        self._turns = Turns()

    async def read(self, account: str, case: Case, hold_id: str) -> HoldSnapshot:
        """The hold as it stands. An id that is no PaymentIntent's is *missing*, without a request.

        Raises `Transient` and `Misconfigured`; the text of `Transient` is a code of `domain.reasons`.
        """
        as_of = self._clock()
        try:
            found = await (await self._calls(account, no_permit)).intent(hold_id)
        except CallFailed as failure:
            raise _unreadable(failure, account, hold_id) from None
        return HoldSnapshot(hold_id, HoldStanding.MISSING, as_of) if found is None else snapshot(found, as_of)

    async def authorize(
        self, account: str, request: AuthorizeRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Place a hold once. Evidence: its PaymentIntent, when it was placed, and its deadline as the provider tells
        it."""
        return await self._perform(
            "authorize",
            account,
            request,
            request.previous_hold_id,
            earlier,
            permit,
            lambda calls: Authorize(calls, earlier, permit, self._clock, request),
        )

    async def capture(
        self, account: str, request: HoldCaptureRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Capture once. Evidence: the charge, which all captures of one hold share, and the amount of this one."""
        return await self._perform(
            "capture",
            account,
            request,
            request.hold_id,
            earlier,
            permit,
            lambda calls: Capture(calls, earlier, permit, self._clock, request),
        )

    async def void(
        self, account: str, request: HoldVoidRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Give up what is left of a hold once. One that is gone already is a success of nothing, unless money was
        taken of it: a capture is never taken back."""
        return await self._perform(
            "void",
            account,
            request,
            request.hold_id,
            earlier,
            permit,
            lambda calls: Void(calls, earlier, permit, self._clock, request),
        )

    async def refund(
        self, account: str, request: HoldRefundRequest, earlier: Earlier, permit: SendPermit
    ) -> OperationResult:
        """Give an amount back once. Evidence: the refund and its amount."""
        return await self._perform(
            "refund",
            account,
            request,
            request.hold_id,
            earlier,
            permit,
            lambda calls: Refund(calls, earlier, permit, self._clock, request),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._clients.close()

    async def _perform(
        self,
        what: str,
        account: str,
        request: Request,
        hold_id: str,
        earlier: Earlier,
        permit: SendPermit,
        operation: Callable[[Calls], Once[Any]],
    ) -> OperationResult:
        if not isinstance(request, HoldVoidRequest) and request.amount_minor <= 0:
            return OperationResult(Outcome.NOT_SENT, reasons.NO_AMOUNT)  # nothing at all is what a hold ends with
        look = permit.look if isinstance(permit, Permits) else no_permit
        try:
            calls = await self._calls(account, look)
            result = await self._turns.take((account, request.reference), operation(calls).perform)
        except Misconfigured:
            outcome = Outcome.UNKNOWN if earlier.sends > 0 else Outcome.NOT_SENT
            result = OperationResult(outcome, reasons.MISCONFIGURED)
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

    async def _calls(self, name: str, look: SendPermit) -> Calls:
        try:
            account = await asyncio.to_thread(self._accounts, name)
        except LookupError:
            raise Misconfigured(f"there is no provider account {name!r}") from None
        return Calls(self._clients.of(account), self._clock, look)


def _unreadable(failure: CallFailed, account: str, hold_id: str) -> Transient | Misconfigured:
    log.info("hold.unreadable", account=account, hold=hold_id, reason=failure.reason, trace=failure.trace)
    if failure.reason == reasons.MISCONFIGURED:
        return Misconfigured(f"the provider does not accept the credentials of account {account!r}")
    return Transient(failure.reason)
