"""Holding money once more without the customer, in two steps: a PaymentIntent is made, then confirmed by its id.

Only the second step can hold anything, and it can do so once: a PaymentIntent that is held already refuses it.
"""

from dataclasses import dataclass, replace

import httpx

from adapters.stripe_psp import bodies
from adapters.stripe_psp.answers import Refused, Reply, bad_answer, identifier
from adapters.stripe_psp.calls import Step
from adapters.stripe_psp.intent import ACTION, CANCELED, HELD, PROCESSING, SUCCEEDED, Intent, intent_of
from adapters.stripe_psp.mapping import CLASS_OF, RETRYABLE, Refusal, card_refusal, request_refusal
from adapters.stripe_psp.once import Once, Stop
from domain import reasons
from domain.authorization.declines import Decline
from domain.authorization.ports import AuthorizeRequest
from domain.outcomes import NewHold, OperationResult, Outcome


@dataclass(frozen=True)
class Hold:
    """The customer's own PaymentIntent, which names customer and card, and the one that we made of it."""

    first: Intent
    ours: Intent | None = None


@dataclass
class Authorize(Once[Hold]):
    """One authorization."""

    request: AuthorizeRequest

    @property
    def reference(self) -> str:
        return self.request.reference

    @property
    def currency(self) -> str:
        return self.request.case.currency

    @property
    def looks_first(self) -> bool:
        return True

    def unseen(self) -> Hold:
        raise NotImplementedError("the card is known by the first PaymentIntent only")

    async def see(self, before: Hold | None) -> Hold:
        """What we made is looked for when it may exist already, and read again once we know its id."""
        first = before.first if before is not None else await self._first()
        if before is not None and before.ours is not None:
            ours = await self.calls.intent(before.ours.id)
        elif before is not None or self.earlier.sends > 0:
            ours = await self._search(first)
        else:
            ours = None
        return Hold(first, ours)

    async def _first(self) -> Intent:
        first = await self.calls.intent(self.request.case.first_hold_id)
        if first is None and self.earlier.sends == 0:
            raise Stop(self.declined(Decline.OTHER, "resource_missing"))
        if first is None:
            raise self.missing()
        if not (first.customer and first.method):  # nobody can be charged without asking (rule SR1)
            if self.earlier.sends > 0:
                raise self.missing()
            raise Stop(self.declined(Decline.CUSTOMER, trace=first.trace))
        return first

    async def _search(self, first: Intent) -> Intent | None:
        """What we made: one of which something came, else one that still waits to be confirmed over this amount.

        It cannot be older than the hold it follows.
        """
        before: Intent | None = first
        if self.request.previous_hold_id not in ("", first.id):
            before = await self.calls.intent(self.request.previous_hold_id)
        since = (before or first).created
        found = await self.calls.authorized(first.customer, since, self.reference)
        tried = [one for one in found if not one.is_unconfirmed]
        waiting = [one for one in found if one.is_unconfirmed and one.amount == self.request.amount_minor]
        return next(iter([*tried, *waiting]), None)

    def settled(self, seen: Hold) -> OperationResult | None:
        ours = seen.ours
        if ours is None or ours.is_unconfirmed:
            return None
        if ours.was_held or ours.status in (HELD, SUCCEEDED):
            return self._placed(ours)
        if ours.status == PROCESSING:
            evidence = self.evidence(ours.id, ours.amount, trace=ours.trace)
            return OperationResult(Outcome.PENDING, reasons.WAITING, evidence)
        if ours.status == ACTION:  # the issuer wants the customer, who is not there
            return self._declined(Refusal(Decline.CUSTOMER, "authentication_required"), ours.trace)
        if ours.error:
            return self._declined(self._told(ours), ours.trace)
        if ours.status == CANCELED:  # before anything was tried
            reason = reasons.WITHDRAWN if self.earlier.withdrawn else Decline.OTHER
            return self.declined(reason, CANCELED, ours.trace)
        raise self.unclear(reasons.BAD_ANSWER, trace=ours.trace)

    def step(self, seen: Hold) -> Step:
        """The amount is part of the keys: what was made for another one and never confirmed stays as it is."""
        amount = str(self.request.amount_minor)
        if seen.ours is None:
            return Step("create", bodies.create(self.request, seen.first), variant=amount)
        return Step("confirm", bodies.confirm(seen.first), seen.ours.id, amount)

    def taken(self, seen: Hold, step: Step, reply: Reply) -> Hold:
        ours = intent_of(reply.body, reply.trace)
        if ours.amount != self.request.amount_minor or not ours.bears(self.reference):
            raise bad_answer(reply.trace)
        return Hold(seen.first, ours)

    def needs_picture(self, answer: Refused) -> bool:
        """Whether the issuer refused or the provider stands in the charge only (rule SD3)."""
        return super().needs_picture(answer) or (
            answer.status == httpx.codes.PAYMENT_REQUIRED and CLASS_OF.get(answer.code, Decline.OTHER) in RETRYABLE
        )

    def refused(self, seen: Hold, answer: Refused) -> OperationResult:
        if answer.status == httpx.codes.PAYMENT_REQUIRED:
            return self._declined(card_refusal(answer.error, {}, self.clock()), answer.trace)
        return self._declined(request_refusal(answer.error), answer.trace)

    def _placed(self, ours: Intent) -> OperationResult:
        """Held, whatever became of it since. The hold began when its charge was made."""
        charge = ours.charge
        evidence = replace(
            self.evidence(ours.id, ours.amount, trace=ours.trace),
            at=(charge.created if charge else None) or self.clock(),
            hold=NewHold(deadline=charge.deadline, in_parts=charge.in_parts) if charge else NewHold(),
        )
        return OperationResult(Outcome.SUCCEEDED, evidence=evidence)

    def _told(self, ours: Intent) -> Refusal:
        """Why our PaymentIntent was refused, by its error and the charge that belongs to it."""
        charge = ours.charge
        if charge is None or identifier(ours.error, "charge") not in ("", charge.id):
            return card_refusal(ours.error, {}, self.clock())
        return card_refusal(ours.error, charge.told, charge.created or self.clock())

    def _declined(self, refusal: Refusal, trace: str) -> OperationResult:
        evidence = replace(
            self.evidence(trace=self._trace or trace, code=refusal.code), advised_against=refusal.advised_against
        )
        return OperationResult(Outcome.DECLINED, refusal.reason, evidence, retry_at=refusal.retry_at)
