"""An authorization as the order sees it whose payment it is: the payment's picture, and what became of its wishes.

Everything is read from our own books; amounts are minor units of the authorization's currency.
"""

from datetime import datetime

from domain import reasons
from domain.authorization.facts import Action, ActionKind, HoldStanding
from domain.authorization.state import AuthorizationState
from domain.authorization.summary import AuthorizationStatus, status_of
from domain.facts import PaymentSnapshot, Standing
from domain.outcomes import Evidence, OperationResult, Outcome

METHOD = "card_hold"

_STANDINGS = {
    HoldStanding.DECLINED: Standing.DECLINED,
    HoldStanding.MISSING: Standing.MISSING,
    HoldStanding.VOIDED: Standing.VOIDED,
    HoldStanding.LAPSED: Standing.VOIDED,
}
# where nothing remains to be captured; a hold that was lost still remains to be asked for, and is refused with a reason
_NOTHING_REMAINS = frozenset({AuthorizationStatus.CAPTURED, AuthorizationStatus.VOIDED, AuthorizationStatus.UNUSABLE})
_NAMES = {
    reasons.ABOVE_OPEN: reasons.EXCEEDS,
    reasons.ABOVE_CAPTURED: reasons.EXCEEDS,
    reasons.NOTHING_HELD: reasons.EXPIRED,
}


def picture(state: AuthorizationState | None, payment_id: str, as_of: datetime) -> PaymentSnapshot:
    """The payment; undecided while nothing is known of its hold."""
    if state is None or state.first is None or state.last is None:
        seen = state.seen if state is not None else None
        standing = _STANDINGS.get(seen.standing, Standing.PENDING) if seen is not None else Standing.PENDING
        return PaymentSnapshot(payment_id, standing, as_of)
    status = status_of(state)
    remaining = 0 if status in _NOTHING_REMAINS or _is_given_up(state) else state.last.left_minor
    taken = state.captured_minor
    gone = status in (AuthorizationStatus.VOIDED, AuthorizationStatus.LAPSED) and taken == 0
    return PaymentSnapshot(
        payment_id=payment_id,
        standing=Standing.VOIDED if gone else Standing.ACCEPTED,
        as_of=as_of,
        method=METHOD,
        currency=state.currency,
        total_minor=taken + remaining,
        captured_minor=taken - state.refunded_minor,
        refunded_minor=state.refunded_minor,
        remaining_minor=remaining,
    )


def _is_given_up(state: AuthorizationState) -> bool:
    """Whether the rest is not wanted any more and nothing of it is held."""
    done = (one.outcome is Outcome.SUCCEEDED for one in state.actions if one.action.kind is ActionKind.GIVE_UP)
    return state.current is None and any(done)


def became_of(state: AuthorizationState | None, request_id: str) -> OperationResult | None:
    """What became of what the order asked for; None when the books do not know of it."""
    record = state.action(request_id) if state is not None else None
    if state is None or record is None:
        return None
    if record.outcome is None:
        return OperationResult(Outcome.PENDING, reasons.WAITING, retry_at=record.retry_at)
    if record.outcome is Outcome.NOT_SENT:
        return refused(record.action, record.reason, record.retry_at)
    done = [
        one
        for one in state.operations
        if one.operation.request_id == request_id and one.outcome is Outcome.SUCCEEDED and one.reference
    ]
    evidence = Evidence(
        reference=done[-1].reference if done else "",
        amount_minor=record.amount_minor,
        currency=state.currency,
        at=record.ended_at,
        code=record.code,
    )
    return OperationResult(record.outcome, record.reason, evidence, record.retry_at)


def refused(action: Action, reason: str, retry_at: datetime | None) -> OperationResult:
    """A refusal in our own house: later, or a definite no. Nothing was sent to the provider for it."""
    if retry_at is not None:
        return OperationResult(Outcome.NOT_SENT, reason, retry_at=retry_at)
    return OperationResult(Outcome.DECLINED, _NAMES.get(reason, reason))
