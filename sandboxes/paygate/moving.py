"""`capture` and `credit`: money goes to the merchant and back.

Without Paygate's own renewal a capture ends the hold: what was not captured lapses, and a second capture is refused.
"""

from datetime import datetime

from sandboxes.kit.clock import BERLIN
from sandboxes.paygate import codes
from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.model import CAPTURE, SUCCEEDED, Action, Payment
from sandboxes.paygate.steps import BACK_OFFICE, DELAY, Step, Wanted, expire, facts_of, lapse, stop_renewal

SMALLEST_CAPTURE = 100  # minor units; below that only by agreement


def _check_capture(account: PaygateAccount, payment: Payment, action: Action, wanted: Wanted) -> str:
    expire(account, payment)
    settings = account.settings
    if wanted.finish and not settings.etm:
        account.violation("finish_auth_without_etm", pay_id=payment.pay_id, trans_id=payment.trans_id)
    if wanted.currency not in ("", payment.currency):
        return codes.CURRENCY_OF_ANOTHER
    if payment.open == 0:
        return codes.NOTHING_TO_REFER_TO if settings.etm and _captured_today(account, payment) else codes.NOTHING_OPEN
    if action.amount == 0:
        return "" if settings.etm or wanted.origin == BACK_OFFICE else codes.SERVICE_NOT_AGREED
    if action.amount > payment.open:
        return codes.ABOVE_OPEN
    if action.amount < SMALLEST_CAPTURE and not settings.small_amounts and wanted.origin != DELAY:
        facts = {"pay_id": payment.pay_id, "trans_id": payment.trans_id, "amount_minor": action.amount}
        account.violation("capture_below_minimum", **facts)
        return codes.AMOUNT_NOT_ALLOWED
    return ""


def _captured_today(account: PaygateAccount, payment: Payment) -> bool:
    """Whether a capture of this payment happened on the local day of Germany that the clock shows."""
    today = account.now().astimezone(BERLIN).date()
    captures = [one for one in payment.actions if one.kind == CAPTURE and one.state == SUCCEEDED and one.amount]
    return any(datetime.fromisoformat(one.at).astimezone(BERLIN).date() == today for one in captures)


def _reserve_capture(payment: Payment, action: Action) -> None:
    payment.open -= action.amount
    payment.reserved += action.amount


def _captured(account: PaygateAccount, payment: Payment, action: Action) -> str:
    if action.amount == 0:
        stop_renewal(account, payment, "zero_capture")
        return ""
    payment.reserved -= action.amount
    payment.captured += action.amount
    account.money("captured", payment, action.amount, **facts_of(action))
    if action.finish:
        stop_renewal(account, payment, "finish_auth")
    lapse(account, payment, "partial_capture")
    return ""


def _not_captured(account: PaygateAccount, payment: Payment, action: Action) -> None:
    payment.reserved -= action.amount
    payment.open += action.amount
    if payment.captured:  # another capture has ended the hold meanwhile
        lapse(account, payment, "partial_capture")
    else:
        put_back(account, payment)


def put_back(account: PaygateAccount, payment: Payment) -> None:
    """What came back to a hold: it is held on, or lapses because the hold's time is over meanwhile."""
    if payment.expired(account.now()):
        lapse(account, payment, "expired")
    else:
        account.expiry_again(payment)


def _check_credit(account: PaygateAccount, payment: Payment, action: Action, wanted: Wanted) -> str:
    if wanted.currency not in ("", payment.currency):
        return codes.CURRENCY_OF_ANOTHER
    if payment.captured == 0:
        return codes.NOTHING_OPEN
    if action.amount == 0:
        return codes.AMOUNT_NOT_ALLOWED
    left = payment.captured - payment.credited - payment.crediting
    return codes.ABOVE_OPEN if action.amount > left else ""


def _reserve_credit(payment: Payment, action: Action) -> None:
    payment.crediting += action.amount


def _credited(account: PaygateAccount, payment: Payment, action: Action) -> str:
    payment.crediting -= action.amount
    payment.credited += action.amount
    account.money("credited", payment, action.amount, **facts_of(action))
    return ""


def _not_credited(account: PaygateAccount, payment: Payment, action: Action) -> None:
    payment.crediting -= action.amount


CAPTURE_STEP = Step(_check_capture, _reserve_capture, _captured, _not_captured)
CREDIT_STEP = Step(_check_credit, _reserve_credit, _credited, _not_credited)
