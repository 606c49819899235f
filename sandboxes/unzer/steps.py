"""What authorizations, charges, cancels and shipments have in common: their record, their news, their effects."""

from dataclasses import asdict, dataclass, field
from typing import Any

from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.amounts import to_minor
from sandboxes.unzer.errors import ApiError
from sandboxes.unzer.model import STATE_EVENTS, Payment, Transaction
from sandboxes.unzer.rules import TypeRule

PENDING_CODE = "COR.000.200.000"
ERROR_CODE = "COR.700.400.100"
BANK = {"iban": "DE02120300000000202051", "bic": "BYLADEM1001"}
PARTS = {"authorize": "aut", "charge": "chg", "shipment": "shp", "chargeback": "cbk"}


@dataclass
class Operation:
    """A write as the API received it; also what is kept of one that takes effect later."""

    call: str
    public_key: str
    body: dict[str, Any] = field(default_factory=dict)
    payment: str = ""  # payment id or order id
    parent: str = ""  # id of the authorization or charge in the path
    base: str = ""  # address of this sandbox as the caller sees it, for redirects
    outcome: str = ""  # "", "error" or "pending": forced by a fault or a hook
    code: str = ""
    hook: bool = False  # made by a hook: no effect is recorded

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def text(body: dict[str, Any], key: str) -> str:
    """A text of a request; missing, null and numbers are all taken."""
    value = body.get(key)
    return "" if value is None or isinstance(value, dict | list) else str(value)


def part(body: dict[str, Any], key: str) -> dict[str, Any]:
    """An object inside a request, empty when there is none."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def amount_of(op: Operation, currency: str) -> int | None:
    """The positive amount of a request in minor units, None when it carries none."""
    value = op.body.get("amount")
    if value is None or value == "":
        return None
    try:
        minor = to_minor(value, currency)
    except ValueError as error:
        raise ApiError("API.500.300.999", str(error)) from error
    if minor <= 0:
        raise ApiError("API.500.300.999", "the amount must be above zero")
    return minor


def payment_for(account: UnzerAccount, op: Operation) -> Payment:
    """The payment of a request; one of another key pair is as unknown as one that does not exist."""
    found = account.payment_of(op.payment, op.public_key)
    if found is None:
        raise not_found(account, op.public_key, f"Payment {op.payment}")
    return found


def not_found(account: UnzerAccount, public_key: str, what: str) -> ApiError:
    key = next((pair.private_key for pair in account.pairs if pair.public_key == public_key), public_key)
    return ApiError("API.310.100.003", f"{what} not found with key {key}")


def rule_for(payment: Payment, code: str) -> TypeRule:
    if payment.rule is None:
        raise ApiError(code, status=400)
    return payment.rule


def add(
    account: UnzerAccount,
    payment: Payment,
    op: Operation,
    kind: str,
    place: str,
    *,
    amount: int,
    status: str = "success",
    charge_id: str = "",
) -> Transaction:
    """Append a transaction below `place` (a path inside the payment) with the next id of that place."""
    status = op.outcome or status
    code = {"pending": PENDING_CODE, "error": op.code or ERROR_CODE}.get(status, "COR.000.100.112")
    made_id = f"{account.prefix}-{PARTS.get(kind, 'cnl')}-{payment.next_number(place)}"
    made = Transaction(
        id=made_id,
        kind=kind,
        path=f"{place}/{made_id}",
        status=status,
        amount=amount,
        date=account.date(),
        charge_id=made_id if kind == "charge" else charge_id,
        code=code,
        order_id=text(op.body, "orderId") or payment.order_id,
        invoice_id=text(op.body, "invoiceId"),
        payment_reference=text(op.body, "paymentReference"),
        return_url=text(op.body, "returnUrl"),
        card3ds=op.body.get("card3ds") is True,
        reason_code=text(op.body, "reasonCode"),
        additional=part(op.body, "additionalTransactionData"),
        processing={"uniqueId": account.ids.unique(), "shortId": account.ids.short(), "traceId": payment.trace_id},
    )
    payment.transactions.append(made)
    return made


def bank_details(account: UnzerAccount, transaction: Transaction, type_body: dict[str, Any], rule: TypeRule) -> None:
    """Where the customer pays to; for direct debits where the money is taken from."""
    if rule.bank == "customer":
        transaction.processing.update({key: str(type_body.get(key) or "") for key in ("iban", "bic", "holder")})
    elif rule.bank:
        number = transaction.processing["shortId"]
        holder = account.settings.merchant_name
        transaction.processing.update({**BANK, "holder": holder, "descriptor": number, "identification": number})


def announce(
    account: UnzerAccount, payment: Payment, before: int | None, *events: tuple[str, Transaction | None]
) -> None:
    """Send the events of a step and, when the state of the payment changed, the event of its new state."""
    home = f"/v1/payments/{payment.id}"
    for event, transaction in events:
        path = home if transaction is None else f"{home}/{transaction.path}"
        account.emit(event, path, public_key=payment.public_key, payment_id=payment.id)
    if payment.state != before and STATE_EVENTS[payment.state]:
        state = f"payment.{STATE_EVENTS[payment.state]}"
        account.emit(state, home, public_key=payment.public_key, payment_id=payment.id)


def record(account: UnzerAccount, op: Operation, payment: Payment, transaction: Transaction, **facts: Any) -> None:
    """Record the effect of a write that came through the API and did not fail."""
    if op.hook or transaction.status == "error":
        return
    record_effect(account, op.call, payment, transaction, **facts)


def record_effect(account: UnzerAccount, kind: str, payment: Payment, transaction: Transaction, **facts: Any) -> None:
    account.effect(
        kind,
        payment_id=payment.id,
        transaction_id=transaction.id,
        path=transaction.path,
        status=transaction.status,
        amount_minor=transaction.amount,
        currency=payment.currency,
        order_id=transaction.order_id,
        invoice_id=transaction.invoice_id,
        payment_reference=transaction.payment_reference,
        **facts,
    )
