"""Orders of every family as the shop, the customers and the warehouse move them, without knowing of Holdfast."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cli.stage import NotNow, Stage

PRICES = (4990, 2500)
TOTAL = sum(PRICES)
ALL = ((1, 2),)
EACH = ((1,), (2,))


class Takes(StrEnum):
    """What has to be captured at the provider by the end."""

    PER_INVOICE = "per invoice"
    BEFORE_RELEASE = "before release"
    NOTHING = "nothing"  # the customer transfers


@dataclass(frozen=True)
class Plan:
    """One kind of order: payment code of the shop, type and first state of the payment, lines of each parcel."""

    name: str
    code: str
    type: str
    takes: Takes
    parcels: tuple[tuple[int, ...], ...] = ALL
    state: str = "authorized"


PLANS = (
    Plan("card expert", "K", "card", Takes.PER_INVOICE),
    Plan("card expert in parts", "K", "card", Takes.PER_INVOICE, EACH),
    Plan("card expert, pending at first", "K", "card", Takes.PER_INVOICE, state="pending"),
    Plan("paypal expert", "K", "paypal", Takes.PER_INVOICE),
    Plan("apple pay expert in parts", "K", "applepay", Takes.PER_INVOICE, EACH),
    Plan("card standard", "S", "card", Takes.BEFORE_RELEASE),
    Plan("paypal standard in parts", "S", "paypal", Takes.BEFORE_RELEASE, EACH),
    Plan("apple pay standard", "S", "applepay", Takes.BEFORE_RELEASE),
    Plan("prepayment", "V", "prepayment", Takes.NOTHING, state="waiting"),
    Plan("prepayment in parts", "V", "prepayment", Takes.NOTHING, EACH, state="waiting"),
    Plan("paylater", "R", "paylater-invoice", Takes.PER_INVOICE),
    Plan("paylater in parts", "R", "paylater-invoice", Takes.PER_INVOICE, EACH),
)

PAYMENT_HOOK = {"waiting_payment": "complete", "waiting_transfer": "receipt"}


@dataclass
class Placed:
    """An order in the ERP and what has happened to it from outside so far."""

    plan: Plan
    order_no: str
    payment_id: str
    told: set[str] = field(default_factory=set)  # what the provider did to the payment
    invoices: list[str] = field(default_factory=list)
    before: dict[str, Callable[[], object]] = field(default_factory=dict)  # called before the provider does something
    on_invoice: Callable[[str], object] = str  # called with the number of each new invoice

    @property
    def shipped(self) -> bool:
        return len(self.invoices) == len(self.plan.parcels)

    def __str__(self) -> str:
        return f"order {self.order_no} ({self.plan.name}, {self.payment_id})"


def pay(stage: Stage, plan: Plan, name: str, **more: object) -> str:
    """The customer pays or promises to; returns the payment's id."""
    seed = {"type": plan.type, "state": plan.state, "amount_minor": TOTAL, "currency": "EUR", "order_id": name}
    return stage.seed_payment(**{**seed, **more})


def hand_over(stage: Stage, plan: Plan, name: str, payment_id: str, order_nr: int | None = None, **more: Any) -> Placed:
    """The shop hands the order of a payment to the ERP; with `order_nr` under a number of the test's choice."""
    tags = {one.code: one.xml_tag for one in stage.role.codes}
    lines = [{"sku": f"ART-{no}", "name": f"Item {no}", "qty": 1, "price": price} for no, price in enumerate(PRICES, 1)]
    seed: dict[str, Any] = {
        "order_nr": order_nr,
        "order_nr_external": f"W-{name}",
        "shop_id": stage.role.shop,
        "payment_code": plan.code,
        "kk_id": payment_id,
        "xml_tag": tags[plan.code],
        "lines": lines,
        "ship_cost_minor": 0,
    }
    customer = {"external_nr": name, "first_name": "Erika", "last_name": "Jäger", **more.pop("customer", {})}
    order = stage.import_order(**seed, customer=customer, **more)
    return Placed(plan, str(order["order_nr"]), payment_id)


def move_on(stage: Stage, order: Placed, status: str) -> str:
    """Do what comes next for an order that stands at `status`; returns the number of a new invoice, or ''."""
    hook = PAYMENT_HOOK.get(status, "")
    if hook and hook not in order.told:
        order.before.get(hook, str)()
        body: dict[str, Any] = {"amount_minor": TOTAL} if hook == "receipt" else {}
        stage.at_payment(order.payment_id, hook, **body)
        order.told.add(hook)
    if status in ("released", "shipping") and not order.shipped:
        return ship(stage, order)
    return ""


def ship(stage: Stage, order: Placed) -> str:
    """The warehouse ships the next parcel; returns the number of its invoice, '' while the ERP does not let it."""
    lines = list(order.plan.parcels[len(order.invoices)])
    try:
        invoice = str(stage.at_order(order.order_no, "ship", lines=lines)["invoice_nr"])
    except NotNow:
        return ""
    order.invoices.append(invoice)
    order.on_invoice(invoice)
    return invoice


def loss_of_capture(stage: Stage, payment_id: str) -> None:
    """The first capture of a payment takes effect, and its answer is lost."""
    stage.arm(stage.unzer, call="capture", kind="drop_after", match={"payment_id": payment_id})


def losses(rng: random.Random, stage: Stage, order: Placed) -> None:
    """The answers to other calls about an order are lost often."""
    kinds = ("drop_after", "malformed", "status_after")
    for call in ("pixiPaySetAuthorizationStatus", "pixiSetOrderShippingLock", "pixiCreateOrderComment"):
        if rng.random() < 0.5:
            stage.arm(stage.pixi, call=call, kind=rng.choice(kinds), match={"OrderNr": order.order_no})


def losses_of_booking(rng: random.Random, stage: Stage, order: Placed, invoice: str) -> None:
    """The booking is the only money call of a prepaid order, so its answer is always lost; of others often."""
    if order.plan.takes is Takes.NOTHING or rng.random() < 0.5:
        stage.arm(stage.pixi, call="pixiPaySetInvoiceCapture", kind="drop_after", match={"InvoiceNr": invoice})
