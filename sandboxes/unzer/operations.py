"""Every write of the API by its call name, played at once or late."""

from collections.abc import Callable

from sandboxes.unzer import giving, taking
from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.agenda import Delayed
from sandboxes.unzer.happenings import expire
from sandboxes.unzer.model import Payment, Transaction
from sandboxes.unzer.steps import Operation

Write = Callable[[UnzerAccount, Operation], tuple[Payment, Transaction]]

WRITES: dict[str, Write] = {
    "authorize": taking.authorize,
    "charge": taking.charge,
    "capture": taking.capture,
    "reauthorize": taking.reauthorize,
    "reversal": giving.reversal,
    "refund": giving.refund,
    "shipment": giving.shipment,
}


def perform(account: UnzerAccount, op: Operation) -> tuple[Payment, Transaction]:
    """Let a write take effect. Raises ApiError when it is refused; then nothing has changed."""
    done = WRITES[op.call](account, op)
    account.touch()
    return done


def play_late(account: UnzerAccount, delayed: Delayed) -> None:
    """Let something delayed take effect: a whole write, or the end of a pending capture, or an expiry."""
    if delayed.what == "write":
        perform(account, Operation(**delayed.request))
        return
    payment = account.payments.get(delayed.request["payment_id"])
    if delayed.what == "expire":
        if payment is not None and payment.remaining > 0 and not payment.expired_code:
            expire(account, payment, "COR.700.300.400", cancel=False)
        return
    made = payment.find(delayed.request["path"]) if payment is not None else None
    if payment is not None and made is not None and made.status == "pending":
        taking.settle(account, payment, made)
        account.touch()
