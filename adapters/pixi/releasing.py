"""Releasing an order from hold: lock first where asked, release, verify by reading, comment (rules P13, P14)."""

from collections.abc import Sequence

from adapters.pixi import mapping, reading
from adapters.pixi.client import Value
from adapters.pixi.connection import Limits
from adapters.pixi.effects import Effect, declined, unverified
from adapters.pixi.locking import ensure_lock
from adapters.pixi.mapping import Group
from adapters.pixi.reading import Header, Line
from adapters.pixi.trouble import Kind, Trouble
from domain import reasons
from domain.facts import Phase
from domain.outcomes import Evidence, OperationResult
from domain.ports import ReleaseRequest

_DECIDE = "pixiPaySetAuthorizationStatus"
_PLAIN = "pixiReleaseOrder"


def release(effect: Effect, request: ReleaseRequest, limits: Limits) -> OperationResult:
    """Release unless the order already is; an order with nothing left to release is refused."""
    header = reading.read_header(effect.session, effect.number)
    if header is None:
        raise declined(reasons.NOT_FOUND)
    lines = reading.read_lines(effect.session, effect.number, limits)
    waits = _waits(lines)
    if not waits and not _went_on(lines):
        raise declined(reasons.ORDER_STATE)
    if request.lock and _can_still_ship(lines):
        ensure_lock(effect, header, locked=True, reason=request.lock_reason)
    if waits:
        effect.must_not_send()
        _let_go(effect, header, request.payment_id or header.payment_id, limits)
    return effect.comment_after(request.comment, Evidence(reference=effect.order_no, found_by_reading=not waits))


def _waits(lines: Sequence[Line]) -> bool:
    """Whether a line waits that a release reaches; lines not yet saved do not hold the others up."""
    return any(line.waits for line in lines)


def _went_on(lines: Sequence[Line]) -> bool:
    return any(line.group in (Group.OPEN, Group.SHIPPED, Group.RETURNED) for line in lines)


def _can_still_ship(lines: Sequence[Line]) -> bool:
    return any(line.group in (Group.HELD, Group.OPEN) for line in lines)


def _let_go(effect: Effect, header: Header, payment_id: str, limits: Limits) -> None:
    """Report the authorization; where that alone does not release, release plainly too. Then the lines must show it."""
    for step in (_report_authorization, _release_plainly):
        if step(effect, header, payment_id):
            lines = reading.read_lines(effect.session, effect.number, limits)
            if not _waits(lines) and mapping.phase_of(line.group for line in lines) is not Phase.HELD:
                return
    if not effect.session.wrote:
        raise Trouble(Kind.MISCONFIGURED, "no call that releases is installed")
    raise unverified(Evidence(reference=effect.order_no))


def _report_authorization(effect: Effect, _header: Header, payment_id: str) -> bool:
    if not effect.session.offers(_DECIDE):
        return False
    # the id is written into the order's head: left out it might be cleared, so it goes back unchanged
    known: dict[str, Value] = {"AuthID": payment_id} if payment_id else {}
    effect.session.write(_DECIDE, {"OrderNr": effect.number, "Success": True, **known})
    return True


def _release_plainly(effect: Effect, header: Header, _payment_id: str) -> bool:
    if not effect.session.offers(_PLAIN) or not header.shop_order_no:
        return False
    effect.session.write(_PLAIN, {"OrderNrExternal": header.shop_order_no, "ShopId": header.shop_id})
    return True
