"""Activities on holds: read one, authorize, capture, void, refund. They call one port, as coroutines.

What card schemes allow is asked twice: with the look before an extension, so that no hold is given up for nothing, and
immediately before an authorization leaves. Each attempt is written into the ledger of its card.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.going import PATIENCE, Going, going, patiently
from activities.jobs import HoldAnswer, HoldJob, HoldQuestion
from activities.recorder import activity_time, gate_name
from domain import reasons
from domain.authorization.declines import Decline
from domain.authorization.ports import (
    AuthorizeRequest,
    CardLedger,
    CardName,
    Case,
    HoldCaptureRequest,
    HoldProvider,
    HoldRefundRequest,
    HoldVoidRequest,
    Instrument,
)
from domain.authorization.retries import MONTH, CardAttempt, RetryVerdict, may_try
from domain.authorization.schemes import Scheme
from domain.errors import Misconfigured, NotSent, Transient
from domain.operations import operation_key
from domain.outcomes import FINAL, OperationResult, Outcome
from domain.ports import Permits, Switches


class Instruments(Protocol):
    """The sealed names of cards."""

    def instrument(self, workflow_id: str) -> Instrument:
        """What the provider calls the card of an authorization; empty where it needs no telling."""


class HoldActivities:
    """`providers` by their name; `switches` can stop requests per account."""

    def __init__(
        self,
        providers: Mapping[str, HoldProvider],
        switches: Switches,
        ledger: CardLedger,
        instruments: Instruments,
    ) -> None:
        self._providers = providers
        self._switches = switches
        self._ledger = ledger
        self._instruments = instruments

    def all(self) -> tuple[Callable[[Any], Coroutine[Any, Any, object]], ...]:
        """Everything that a worker of such a provider's queue carries out."""
        return (self.read_hold, self.authorize_hold, self.capture_hold, self.void_hold, self.refund_hold)

    @activity.defn(name="read_hold")
    async def read_hold(self, question: HoldQuestion) -> HoldAnswer:
        """The hold as it stands now, and whether its card may be authorized again."""
        at, mine = activity_time(), question.authorization
        try:
            await asyncio.to_thread(self._switches.check, gate_name(mine.provider, mine.tenant, mine.account), at)
            provider = self._provider(mine.provider)
            case = await self._case(question.authorization.workflow_id, question)
            snapshot = await provider.read(mine.account, case, question.hold_id)
        except NotSent as stop:
            return HoldAnswer(reason=stop.reason, retry_at=stop.retry_at)
        except Misconfigured:
            return HoldAnswer(reason=reasons.MISCONFIGURED)
        except Transient as error:
            raise ApplicationError(str(error), type="Transient") from None
        if question.amount_minor:
            card, scheme = question.facts.card or snapshot.card, question.facts.scheme
            verdict = await self._allowed(mine.account, card, scheme, question.amount_minor, question, at)
            if not verdict.allowed:
                snapshot = replace(snapshot, may_authorize=False, authorize_from=verdict.retry_at)
        return HoldAnswer(snapshot)

    @activity.defn(name="authorize_hold")
    async def authorize_hold(self, job: HoldJob) -> OperationResult:
        """Hold the open amount anew, once; nothing leaves when the card's scheme forbids another attempt."""
        leave, mine, operation = self._leave(), job.authorization, job.operation
        amount, at = operation.amount_minor or 0, activity_time()
        if not leave.earlier.sends:
            verdict = await self._allowed(mine.account, job.facts.card, job.facts.scheme, amount, job, at)
            if not verdict.allowed:
                raise NotSent(reasons.SCHEME_FORBIDS, verdict.retry_at)
        request = AuthorizeRequest(
            case=await self._case(mine.workflow_id, job),
            amount_minor=amount,
            reference=operation_key(job.id),
            previous_hold_id=operation.hold_id,
            scheme_reference=job.scheme_reference,
            number=operation.hold + 1,
        )
        result = await self._provider(mine.provider).authorize(mine.account, request, leave.earlier, leave.permit)
        if result.outcome in FINAL and result.reason != reasons.WITHDRAWN:
            await self._write_down(job, result, at)
        return result

    @activity.defn(name="capture_hold")
    async def capture_hold(self, job: HoldJob) -> OperationResult:
        """Take money of a hold once."""
        leave, mine, operation = self._leave(), job.authorization, job.operation
        request = HoldCaptureRequest(
            case=await self._case(mine.workflow_id, job),
            hold_id=operation.hold_id,
            amount_minor=operation.amount_minor or 0,
            reference=operation_key(job.id),
            final=operation.final,
            before_minor=job.before_minor,
            document=operation.reference,
        )
        return await self._provider(mine.provider).capture(mine.account, request, leave.earlier, leave.permit)

    @activity.defn(name="void_hold")
    async def void_hold(self, job: HoldJob) -> OperationResult:
        """Give up a hold once."""
        leave, mine, operation = self._leave(), job.authorization, job.operation
        request = HoldVoidRequest(
            case=await self._case(mine.workflow_id, job),
            hold_id=operation.hold_id,
            amount_minor=operation.amount_minor or 0,
            reference=operation_key(job.id),
            captured_minor=job.before_minor,
        )
        return await self._provider(mine.provider).void(mine.account, request, leave.earlier, leave.permit)

    @activity.defn(name="refund_hold")
    async def refund_hold(self, job: HoldJob) -> OperationResult:
        """Give captured money back once."""
        leave, mine, operation = self._leave(), job.authorization, job.operation
        request = HoldRefundRequest(
            case=await self._case(mine.workflow_id, job),
            hold_id=operation.hold_id,
            amount_minor=operation.amount_minor or 0,
            reference=operation_key(job.id),
            undo=operation.undo,
            before_minor=job.before_minor,
            document=operation.reference,
        )
        return await self._provider(mine.provider).refund(mine.account, request, leave.earlier, leave.permit)

    # -- what they share

    async def _case(self, workflow_id: str, told: HoldQuestion | HoldJob) -> Case:
        facts = told.facts
        return Case(
            first_hold_id=facts.first_hold_id,
            currency=facts.currency,
            case_reference=facts.case_reference,
            payout_reference=facts.payout_reference,
            held_at=facts.held_at,
            instrument=await asyncio.to_thread(self._instruments.instrument, workflow_id),
        )

    async def _allowed(
        self, account: str, card: str, scheme: Scheme, amount: int, told: HoldQuestion | HoldJob, at: datetime
    ) -> RetryVerdict:
        if not card:
            return RetryVerdict(True)  # a card without a name has no ledger
        attempts = await asyncio.to_thread(self._ledger.attempts, CardName(account, card, scheme), at - MONTH)
        return may_try(scheme, attempts, amount, told.facts.currency, at)

    async def _write_down(self, job: HoldJob, result: OperationResult, at: datetime) -> None:
        if not job.facts.card:
            return
        declined = result.outcome is Outcome.DECLINED
        attempt = CardAttempt(
            at=at,
            amount_minor=job.operation.amount_minor or 0,
            currency=job.operation.currency,
            declined=declined,
            never_again=declined and (result.reason == Decline.NEVER or result.evidence.advised_against),
            not_before=result.retry_at if declined else None,
        )
        card = CardName(job.authorization.account, job.facts.card, job.facts.scheme)
        await asyncio.to_thread(self._ledger.record, card, job.id, attempt)

    def _leave(self) -> Going:
        """The leave of the activity that runs, patient with a slow gate for half of its time."""
        leave = going()
        until = activity_time() + (activity.info().start_to_close_timeout or PATIENCE) / 2
        permits = Permits(
            send=patiently(leave.now, leave.permit.send, until), look=patiently(leave.now, leave.permit.look, until)
        )
        return replace(leave, permit=permits)

    def _provider(self, name: str) -> HoldProvider:
        if name not in self._providers:
            raise Misconfigured(f"there is no provider {name} for holds")
        return self._providers[name]
