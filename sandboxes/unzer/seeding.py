"""Payments made by a hook, as the shop would have made them, in the state a test asks for."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from sandboxes.unzer import books
from sandboxes.unzer.account import UnzerAccount
from sandboxes.unzer.amounts import wire
from sandboxes.unzer.errors import ApiError
from sandboxes.unzer.model import CREATE, Payment
from sandboxes.unzer.operations import perform
from sandboxes.unzer.rules import RULES, TypeRule
from sandboxes.unzer.steps import Operation, add, announce
from sandboxes.unzer.taking import settle
from sandboxes.unzer.type_routes import make_type

STATES = ("authorized", "charged", "pending", "declined", "created", "waiting")


class Seed(BaseModel):
    """Body of `POST /control/accounts/{a}/payments`."""

    model_config = ConfigDict(extra="forbid")

    type: str
    amount_minor: Annotated[int, Field(gt=0)]
    currency: str = "EUR"
    order_id: str = ""
    invoice_id: str = ""
    payment_reference: str = ""
    state: str = "authorized"
    customer: dict[str, Any] = Field(default_factory=dict)
    basket: dict[str, Any] = Field(default_factory=dict)
    metadata: dict[str, str] = Field(default_factory=dict)
    type_data: dict[str, Any] = Field(default_factory=dict)
    charge: bool = False  # "pending" and "declined": a direct charge even where the type could authorize
    public_key: str = ""  # of a further key pair
    return_url: str = "https://shop.example/return"


def seed(account: UnzerAccount, wanted: Seed) -> Payment:
    """Make the payment and send the events it caused. Raises ValueError for what the type cannot be."""
    rule = RULES.get(wanted.type)
    if rule is None:
        raise ValueError(f"unknown type {wanted.type!r}")
    if wanted.state not in STATES:
        raise ValueError(f"unknown state {wanted.state!r}, one of {', '.join(STATES)}")
    pair = next((one for one in account.pairs if wanted.public_key in ("", one.public_key)), None)
    if pair is None:
        raise ValueError("no such public key in this account")
    type_id = make_type(account, pair.public_key, rule, wanted.type_data)["id"]
    op = _operation(account, wanted, rule, pair.public_key, type_id)
    if wanted.state == "created":
        return _created(account, wanted, pair.public_key, type_id, op)
    if wanted.state == "authorized" and not rule.authorize:
        raise ValueError(f"{rule.name} cannot be authorized; use waiting, pending or charged")
    if wanted.state == "waiting" and rule.charge != "transfer":
        raise ValueError(f"{rule.name} does not wait for a transfer; use pending")
    if wanted.state in ("pending", "declined"):
        op.outcome = "error" if wanted.state == "declined" else "pending"
    elif not (wanted.state == "waiting" or rule.charge == "transfer"):
        op.outcome = "success"
    try:
        payment, _ = perform(account, op)
        _bring_to_charged(account, wanted, rule, payment, op)
    except ApiError as error:
        raise ValueError(str(error)) from error
    account.touch()
    return payment


def _operation(account: UnzerAccount, wanted: Seed, rule: TypeRule, public_key: str, type_id: str) -> Operation:
    direct = wanted.charge or wanted.state in ("charged", "waiting")
    call = "charge" if not rule.authorize or (direct and rule.charge != "no") else "authorize"
    body = {
        "amount": wire(wanted.amount_minor, wanted.currency),
        "currency": wanted.currency,
        "orderId": wanted.order_id,
        "invoiceId": wanted.invoice_id,
        "paymentReference": wanted.payment_reference,
        "returnUrl": wanted.return_url,
        "resources": {"typeId": type_id, **_resources(account, wanted, rule, public_key)},
    }
    return Operation(call=call, public_key=public_key, body=body, hook=True)


def _resources(account: UnzerAccount, wanted: Seed, rule: TypeRule, public_key: str) -> dict[str, str]:
    found: dict[str, str] = {}
    needs = (
        ("customerId", "cst", account.customers, wanted.customer, rule.customer),
        ("basketId", "bsk", account.baskets, wanted.basket, rule.basket),
        ("metadataId", "mtd", account.metadata, wanted.metadata, False),
    )
    for key, short, kept, data, needed in needs:
        if data or needed:
            made_id = f"{account.prefix}-{short}-{account.ids.random_part()}"
            kept[made_id] = {**data, "id": made_id, "public_key": public_key}
            found[key] = made_id
    for basket_id in [found["basketId"]] if "basketId" in found else []:
        account.baskets[basket_id].update(gross=True)
    return found


def _created(account: UnzerAccount, wanted: Seed, public_key: str, type_id: str, op: Operation) -> Payment:
    """A payment page was opened: a payment without a transaction."""
    payment = Payment(
        id=account.new_payment_id(),
        public_key=public_key,
        type_id=type_id,
        currency=wanted.currency,
        created=account.date(),
        trace_id=account.ids.trace(),
        order_id=wanted.order_id,
        pay_page_id=f"{account.prefix}-ppg-{account.ids.random_part(27)}",
        metadata_id=op.body["resources"].get("metadataId", ""),
    )
    books.opened(payment, wanted.amount_minor)
    payment.state = CREATE
    account.payments[payment.id] = payment
    account.touch()
    return payment


def _bring_to_charged(account: UnzerAccount, wanted: Seed, rule: TypeRule, payment: Payment, first: Operation) -> None:
    if wanted.state != "charged":
        return
    made = payment.transactions[0]
    if rule.charge == "transfer":
        receipt(account, payment, wanted.amount_minor)
    elif made.kind == "authorize":
        perform(account, Operation("capture", first.public_key, payment=payment.id, hook=True))
    elif made.status == "pending":
        settle(account, payment, made)


def receipt(account: UnzerAccount, payment: Payment, amount: int) -> str:
    """A transfer of the customer arrives: a further successful charge; too much means review."""
    quiet = Operation("charge", payment.public_key, hook=True)
    made = add(account, payment, quiet, "charge", "charges", amount=amount)
    before = payment.state
    books.charged(payment, amount)
    announce(account, payment, before, ("charge.succeeded", made))
    account.touch()
    return made.id
