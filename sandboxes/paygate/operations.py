"""Every call that changes something, by its name; and what the agenda does when its time has come."""

from collections.abc import Mapping
from datetime import datetime

from sandboxes.paygate import agenda, codes
from sandboxes.paygate.account import PaygateAccount
from sandboxes.paygate.authorizing import STEP as DIRECT_STEP
from sandboxes.paygate.authorizing import authorize
from sandboxes.paygate.fields import Refused
from sandboxes.paygate.model import CAPTURE, Action, Payment
from sandboxes.paygate.moving import CAPTURE_STEP, CREDIT_STEP
from sandboxes.paygate.steps import API, DELAY, Step, Wanted, carry_out, expire, lapse, new_action, settle
from sandboxes.paygate.undoing import CANCEL_STEP, REVERSE_STEP

STEPS: dict[str, Step] = {
    "direct": DIRECT_STEP,
    "capture": CAPTURE_STEP,
    "credit": CREDIT_STEP,
    "reverse": REVERSE_STEP,
    "cancelauth": CANCEL_STEP,
}


def perform(account: PaygateAccount, wanted: Wanted) -> tuple[Payment, Action]:
    """Carry a request out, or find what an earlier one with the same ReqId came to.

    Raises Refused for an unknown payment and for what is not carried out at all.
    """
    if wanted.origin == API:
        known = account.remembered.final(wanted.req_id, account.now())
        if known is not None:
            _watch_repeat(account, wanted, *known)
            return known
    if wanted.call == "direct":
        payment, action = authorize(account, wanted)
    else:
        payment = payment_of(account, wanted.pay_id)
        if wanted.trans_id not in ("", payment.trans_id):
            facts = {"call": wanted.call, "pay_id": payment.pay_id, "trans_id": payment.trans_id}
            account.violation("trans_id_changed", sent=wanted.trans_id, **facts)
        action = new_action(account, payment, wanted.call, wanted)
        carry_out(account, payment, action, wanted, STEPS[wanted.call])
    if wanted.origin == API:
        account.remembered.keep(payment, action)
    return payment, action


def payment_of(account: PaygateAccount, pay_id: str) -> Payment:
    """The payment of a PayID. Raises Refused when there is none."""
    found = account.payments.get(pay_id)
    if found is None:
        raise Refused(codes.UNKNOWN_VALUE, "PayID")
    return found


def look(account: PaygateAccount, payment: Payment) -> Payment:
    """The payment as it is now: a hold whose time is over has lapsed."""
    expire(account, payment)
    return payment


def finish(account: PaygateAccount, payment: Payment, action: Action, code: str) -> None:
    """Decide a pending action."""
    settle(account, payment, action, STEPS[action.call], code)


def play_entry(account: PaygateAccount, entry: agenda.Entry) -> None:
    """Do what an agenda entry says."""
    if entry.what == agenda.LATE:
        play_late(account, account.agenda.late.pop(entry.no)["request"])
        return
    payment = account.payments[entry.pay_id]
    if entry.what == agenda.EXPIRE:
        lapse(account, payment, "expired", datetime.fromisoformat(payment.expires))
    elif entry.what == agenda.CAPTURE:
        payment.capture_at = ""
        wanted = Wanted(CAPTURE, DELAY, amount=payment.open)
        carry_out(account, payment, new_action(account, payment, CAPTURE, wanted), wanted, CAPTURE_STEP)
    else:
        action = payment.action(entry.xid)
        assert action is not None, "an entry is looked up before it is played"
        finish(account, payment, action, action.final_code)


def play_late(account: PaygateAccount, request: Mapping[str, object]) -> None:
    """Let a request take effect whose connection was cut some time ago."""
    fields = request["fields"]
    assert isinstance(fields, dict)
    try:
        perform(account, Wanted.by_api(str(request["call"]), fields))
    except Refused as error:  # it would have been refused: nothing takes effect
        account.violation("late_request_refused", call=request["call"], code=error.code)


def _watch_repeat(account: PaygateAccount, wanted: Wanted, payment: Payment, action: Action) -> None:
    """A ReqId belongs to one request; one that says something else is answered with the first one's result."""
    same = wanted.call == action.call and wanted.trans_id == action.trans_id
    same = same and (wanted.call == "direct" or wanted.pay_id == payment.pay_id)
    if not same or wanted.amount != action.asked:
        facts = {"call": wanted.call, "pay_id": payment.pay_id, "xid": action.xid}
        account.violation("req_id_of_another_request", req_id=wanted.req_id, **facts)
