"""The shipping lock of one order; the customer's lock is the merchant's own and never touched."""

from adapters.pixi import reading
from adapters.pixi.effects import Effect, declined, unverified
from adapters.pixi.texts import cut
from domain import reasons
from domain.outcomes import Evidence, OperationResult
from domain.ports import LockRequest

REASON_LIMIT = 255


def set_lock(effect: Effect, request: LockRequest) -> OperationResult:
    """Set or remove the lock unless it stands as wanted, then comment."""
    header = reading.read_header(effect.session, effect.number)
    if header is None:
        raise declined(reasons.NOT_FOUND)
    found = ensure_lock(effect, header, locked=request.locked, reason=request.reason)
    return effect.comment_after(request.comment, Evidence(reference=effect.order_no, found_by_reading=found))


def ensure_lock(effect: Effect, header: reading.Header, *, locked: bool, reason: str) -> bool:
    """Make the lock stand as wanted; returns whether it already did. Locking twice changes nothing."""
    if header.locked is locked:
        return True
    effect.must_not_send()
    effect.session.write(
        "pixiSetOrderShippingLock",
        {"OrderNr": effect.number, "Locked": locked},
        {"UserName": effect.session.engine_name, "Reason": cut(reason, REASON_LIMIT)},
    )
    after = reading.read_header(effect.session, effect.number)
    if after is not None and after.locked is (not locked):
        raise unverified()
    return False
