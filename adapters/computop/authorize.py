"""Holding money once more without the customer: a further payment of the same case, under the same TransID."""

from dataclasses import dataclass, replace
from typing import ClassVar

from adapters.computop.answers import Answer
from adapters.computop.mapping import decline_of, is_advised_against, scheme_of
from adapters.computop.messages import Message, authorization
from adapters.computop.once import Once
from adapters.computop.picture import Picture, scheme_reference
from domain import reasons
from domain.authorization.declines import Decline
from domain.authorization.ports import AuthorizeRequest
from domain.authorization.schemes import Scheme
from domain.outcomes import Evidence, NewHold, OperationResult, Outcome

_REAL_NUMBER = "123456789"  # what a card's own number begins with; Paygate's substitutes begin with 0


@dataclass(frozen=True)
class Authorize(Once):
    """One authorization.

    Found when the newest payment of the case is neither the first nor the hold before and has exactly this amount
    authorized: operations of a case follow each other, so nothing else can have placed it. A newer one of another
    amount contradicts our books, and a second open hold is never risked (rule R75). A newer payment that holds nothing
    proves nothing: it may be an earlier attempt that was refused, so the request is repeated, and its ReqId brings back
    what became of it. What was found carries the scheme's reference only where inquiries tell it.
    """

    request: AuthorizeRequest

    asks_why: ClassVar[bool] = False

    @property
    def reference(self) -> str:
        return self.request.reference

    @property
    def amount_minor(self) -> int:
        return self.request.amount_minor

    async def look(self) -> Picture | None:
        newest = await self.calls.newest()
        known = {self.request.previous_hold_id.lower(), self.request.case.first_hold_id.lower()}
        return None if newest is None or newest.pay_id.lower() in known else newest

    def found(self, seen: Picture) -> Evidence | None:
        if seen.authorized != self.amount_minor or seen.currency != self.request.case.currency:
            return None
        evidence = self.evidence(seen.pay_id, seen.trace, self.amount_minor, read=True)
        return replace(evidence, hold=NewHold(scheme_reference=seen.scheme_reference))

    def contradicts(self, seen: Picture) -> bool:
        return seen.authorized > 0 or seen.captured > 0

    def impossible(self, seen: Picture) -> str:
        return Decline.OTHER if seen.last_failed else ""

    def message(self, seen: Picture | None) -> Message:
        instrument = self.request.case.instrument
        if self.amount_minor <= 0:
            raise self.not_sent(reasons.NO_AMOUNT)
        if instrument.token[:1] in tuple(_REAL_NUMBER):
            raise self.not_sent(reasons.MISCONFIGURED)
        reference = self._follows()
        if not instrument.token or not reference:  # nobody but the customer can give them
            raise self.declined(Decline.DATA)
        return authorization(self.request, reference, flagged=self.calls.account.flag_stored_card)

    def _follows(self) -> str:
        """What the card network wants to be told: Visa its latest transaction of the chain, the others the first."""
        first, latest = self.request.case.instrument.scheme_reference, self.request.scheme_reference
        return (latest or first) if self._scheme("") is Scheme.VISA else (first or latest)

    def done(self, answer: Answer) -> Evidence:
        action = answer.identifier("XID")
        evidence = self.evidence(answer.text("PayID"), action, self.amount_minor)
        return replace(evidence, hold=NewHold(scheme_reference=scheme_reference(answer)))

    def in_between(self, answer: Answer) -> OperationResult:
        if answer.code.severity == "7":  # the customer would have to be authenticated, and is not there
            raise self.declined(Decline.CUSTOMER, self.refusal(answer))
        return OperationResult(Outcome.PENDING, reasons.WAITING, replace(self.done(answer), hold=None))

    def why(self, answer: Answer, seen: Picture | None) -> str:
        return decline_of(answer.code)

    def refusal(self, answer: Answer) -> Evidence:
        ext = answer.text("CodeExt") if self.calls.account.advice_in_code_ext else ""
        advised = is_advised_against(answer.code, self._scheme(answer.text("CCBrand")), ext)
        return replace(super().refusal(answer), advised_against=advised)

    def _scheme(self, brand: str) -> Scheme:
        return scheme_of(brand or self.request.case.instrument.brand)
