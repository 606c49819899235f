"""What happens to a payment outside the merchant's API: customers finishing, banks taking back, time running out."""

from sandboxes.unzer import books
from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.model import REVIEW, Payment
from sandboxes.unzer.steps import Operation, add, announce
from sandboxes.unzer.taking import settle


def finish(account: UnzerAccount, payment: Payment, transaction_id: str = "", *, code: str = "") -> None:
    """End a pending transaction, as failed when there is a `code`. Raises ValueError when none is pending."""
    waiting = [
        one for one in payment.transactions if one.status == "pending" and transaction_id in ("", one.id, one.path)
    ]
    if not waiting:
        raise ValueError("no such pending transaction")
    made = waiting[-1]
    rule = payment.rule
    if rule is not None and rule.charge == "transfer" and made.kind == "charge" and not code:
        raise ValueError("this charge waits for a transfer: use receipt")
    settle(account, payment, made, code=code)
    account.touch()


def chargeback(account: UnzerAccount, payment: Payment, charge_id: str, amount: int | None) -> None:
    """The customer's bank takes money back from a charge, or from the payment when no charge is named."""
    rest, place = payment.charged, "charges/chargebacks"
    if charge_id:
        charge = payment.find(f"charges/{charge_id}")
        if charge is None or charge.status != "success":
            raise ValueError(f"no successful charge {charge_id}")
        place = f"charges/{charge_id}/chargebacks"
        rest = min(rest, charge.amount - payment.under(charge_id, "chargeback", "cancel-charge"))
    taken = rest if amount is None else amount
    if taken <= 0 or taken > rest:
        raise ValueError(f"only {rest} minor units are left to take back")
    quiet = Operation("chargeback", payment.public_key, hook=True)
    made = add(account, payment, quiet, "chargeback", place, amount=taken, charge_id=charge_id)
    before = payment.state
    books.charged_back(payment, taken)
    announce(account, payment, before, ("chargeback", made))
    account.touch()


def expire(account: UnzerAccount, payment: Payment, code: str, *, cancel: bool) -> None:
    """The authorization runs out: later captures are refused with `code`; with `cancel` the rest is released too."""
    authorization = payment.authorization
    if authorization is None or authorization.status == "error":
        raise ValueError("there is no authorization that could expire")
    payment.expired_code = code
    before = payment.state
    if cancel and payment.remaining > 0:
        books.reduced(payment, payment.remaining)
    announce(account, payment, before, ("authorize.expired", authorization))
    account.touch()


def review(account: UnzerAccount, payment: Payment) -> None:
    """The payment needs a look."""
    before, payment.state = payment.state, REVIEW
    announce(account, payment, before)
    account.touch()
