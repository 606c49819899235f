"""`reverse` undoes the last action of a payment, whatever it was; `cancelauth` only ends an ETM merchant's renewal."""

from sandboxes.paygate import codes
from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.model import AUTHORIZE, CAPTURE, CREDIT, SALE, Action, Payment
from sandboxes.paygate.moving import put_back
from sandboxes.paygate.steps import Step, Wanted, expire, facts_of, stop_renewal


def _check_reverse(account: PaygateAccount, payment: Payment, action: Action, wanted: Wanted) -> str:
    expire(account, payment)
    if wanted.currency not in ("", payment.currency):
        return codes.CURRENCY_OF_ANOTHER
    if any(one.call in ("direct", "capture", "credit") for one in payment.pending()):
        return codes.STILL_RUNNING
    target = payment.last_step()
    left = payment.undoable()
    if target is None or left == 0:
        return codes.NOTHING_TO_REFER_TO
    if action.amount > left:
        return codes.ABOVE_OPEN
    if action.amount < left:
        facts = {"pay_id": payment.pay_id, "trans_id": payment.trans_id, "undone": target.kind, "undone_minor": left}
        account.violation("reversal_of_another_amount", sent_minor=action.amount, **facts)
        action.amount = left
    action.target = target.xid
    return ""


def _reserve(payment: Payment, action: Action) -> None:
    _target(payment, action).undone_by = action.xid


def _reversed(account: PaygateAccount, payment: Payment, action: Action) -> str:
    target = _target(payment, action)
    action.ignored = action.ignored and target.kind == AUTHORIZE
    given_back = payment.credited + payment.crediting
    if target.kind in (CAPTURE, SALE) and payment.captured - action.amount < given_back:
        return codes.NOTHING_TO_REFER_TO  # a credit stands on it: one made meanwhile, or one whose reversal is pending
    if target.kind == AUTHORIZE:
        expire(account, payment)
        if payment.open == 0:
            return codes.NOTHING_TO_REFER_TO
        action.amount, payment.open = payment.open, 0
        if action.ignored:
            payment.ignored += action.amount
            account.money("reversal_ignored", payment, action.amount, **facts_of(action))
        else:
            payment.reversed += action.amount
            _record(account, payment, action, target)
        stop_renewal(account, payment, "reverse")
    elif target.kind == SALE:
        payment.captured -= action.amount
        payment.reversed += action.amount
        _record(account, payment, action, target)
    elif target.kind == CAPTURE:
        payment.captured -= action.amount
        payment.open += action.amount
        _record(account, payment, action, target)
        put_back(account, payment)
    elif target.kind == CREDIT:
        payment.credited -= action.amount
        _record(account, payment, action, target)
    return ""


def _record(account: PaygateAccount, payment: Payment, action: Action, target: Action) -> None:
    account.money("reversed", payment, action.amount, undone=target.kind, undone_xid=target.xid, **facts_of(action))


def _not_reversed(account: PaygateAccount, payment: Payment, action: Action) -> None:
    _target(payment, action).undone_by = ""


def _target(payment: Payment, action: Action) -> Action:
    found = payment.action(action.target)
    assert found is not None, "a reversal knows its step"
    return found


def _check_cancel(account: PaygateAccount, payment: Payment, action: Action, wanted: Wanted) -> str:
    expire(account, payment)
    return "" if account.settings.etm else codes.SERVICE_NOT_AGREED


def _nothing(payment: Payment, action: Action) -> None:
    """No money is reserved."""


def _cancelled(account: PaygateAccount, payment: Payment, action: Action) -> str:
    if payment.open > 0:
        stop_renewal(account, payment, "cancelauth")
    return ""


def _not_cancelled(account: PaygateAccount, payment: Payment, action: Action) -> None:
    """A failed cancelauth changes nothing."""


REVERSE_STEP = Step(_check_reverse, _reserve, _reversed, _not_reversed)
CANCEL_STEP = Step(_check_cancel, _nothing, _cancelled, _not_cancelled)
