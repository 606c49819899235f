"""Orders of every family as the shop, the customers and the warehouse move them, without knowing of Holdfast."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cli.stage import CODES as DEMO_CODES
from cli.stage import Code, NotNow, Stage
from tests.scenarios.real import comment_label

PRICES = (4990, 2500)
TOTAL = sum(PRICES)
BOOKINGS = ("capture_reported", "booking")
SAID = ("voided", "refunded", "refunded_booked", "shipment_reported")
MONEY_CALLS = ("capture", "reversal", "refund", "shipment")
ALL = ((1, 2),)
EACH = ((1,), (2,))


class Takes(StrEnum):
    """What has to be captured at the provider by the end."""

    PER_INVOICE = "per invoice"
    BEFORE_RELEASE = "before release"
    NOTHING = "nothing"  # the customer transfers


@dataclass(frozen=True)
class Move:
    """What somebody does to an order as soon as it stands at one of these statuses: `lines` are shipped, cancelled or
    returned (none named: all), or `amount_minor` is transferred once the provider claims `owed_minor`. `paid`: not
    before the customer has paid."""

    what: str
    at: tuple[str, ...]
    lines: tuple[int, ...] = ()
    amount_minor: int = 0
    owed_minor: int = 0
    paid: bool = False


def parcel(*lines: int) -> Move:
    return Move("ship", ("released", "shipping"), lines)


def cancel(*lines: int, at: tuple[str, ...] = ("released",), paid: bool = False) -> Move:
    return Move("cancel-lines", at, lines, paid=paid)


def take_back(*lines: int) -> Move:
    return Move("return", ("settled",), lines)


def transfer(amount_minor: int, *at: str, owed_minor: int = 0) -> Move:
    return Move("receipt", at, amount_minor=amount_minor, owed_minor=owed_minor or amount_minor)


# what changes the state of an order in the ERP, by the type of its payment
ON_THE_WAY = {
    "prepayment": ("release", "lock", "unlock"),
    "invoice": ("address_changed", "release"),
    "invoice-secured": ("address_changed", "release"),
}


@dataclass(frozen=True)
class Plan:
    """One kind of order: payment code of the shop, type and first state of the payment, and what happens to it: the
    lines of each parcel, or `moves`.

    `gives` is what the provider has to do beside captures, `says` what is said about it in the ERP, `ends` the status
    at the end, `states` the other changes of the order in the ERP.
    """

    name: str
    code: str
    type: str
    takes: Takes
    parcels: tuple[tuple[int, ...], ...] = ALL
    state: str = "authorized"
    moves: tuple[Move, ...] = ()
    gives: tuple[tuple[str, int], ...] = ()
    says: tuple[str, ...] = ()
    ends: str = "settled"
    states: tuple[str, ...] = ()

    @property
    def all_moves(self) -> tuple[Move, ...]:
        return self.moves or tuple(parcel(*lines) for lines in self.parcels)

    @property
    def pays_when_asked(self) -> bool:
        """Whether the customer pays as soon as the order waits for it, and nothing else comes before."""
        return not any(one.what == "receipt" or "waiting_transfer" in one.at for one in self.all_moves)

    @property
    def changes(self) -> tuple[str, ...]:
        return self.states or ON_THE_WAY.get(self.type, ("release",))


CODES = (*DEMO_CODES, Code("I", "UZIVC"), Code("G", "UZIVS"))

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

WAITS = ("waiting_transfer",)
GIVING_BACK = (
    # whole orders
    Plan(
        "card standard, cancelled",
        "S",
        "card",
        Takes.BEFORE_RELEASE,
        moves=(cancel(),),
        gives=(("refund", TOTAL),),
        says=("refunded",),
        ends="cancelled",
    ),
    Plan(
        "card expert, cancelled",
        "K",
        "card",
        Takes.PER_INVOICE,
        moves=(cancel(),),
        gives=(("reversal", TOTAL),),
        says=("voided",),
        ends="cancelled",
    ),
    Plan(
        "prepayment, cancelled unpaid",
        "V",
        "prepayment",
        Takes.NOTHING,
        state="waiting",
        moves=(cancel(at=WAITS),),
        gives=(("reversal", TOTAL),),
        says=("voided",),
        ends="cancelled",
        states=("release", "lock"),
    ),
    Plan(
        "prepayment, cancelled paid",
        "V",
        "prepayment",
        Takes.NOTHING,
        state="waiting",
        moves=(cancel(paid=True),),
        gives=(("refund", TOTAL),),
        says=("refunded",),
        ends="cancelled",
    ),
    Plan(
        "paylater, cancelled",
        "R",
        "paylater-invoice",
        Takes.PER_INVOICE,
        moves=(cancel(),),
        gives=(("reversal", TOTAL),),
        says=("voided",),
        ends="cancelled",
    ),
    # single lines
    Plan(
        "paypal standard, a line cancelled",
        "S",
        "paypal",
        Takes.BEFORE_RELEASE,
        moves=(cancel(2), parcel(1)),
        gives=(("refund", PRICES[1]),),
        says=("refunded",),
    ),
    Plan(
        "card expert, a line cancelled",
        "K",
        "card",
        Takes.PER_INVOICE,
        moves=(parcel(1), cancel(2, at=("shipping", "settled"))),
        gives=(("reversal", PRICES[1]),),
        says=("voided",),
    ),
    Plan(
        "prepayment, a line cancelled",
        "V",
        "prepayment",
        Takes.NOTHING,
        state="waiting",
        moves=(cancel(2, at=WAITS), transfer(PRICES[0], *WAITS), parcel(1)),
        gives=(("reversal", PRICES[1]),),
        says=("refunded",),
    ),
    # returns
    Plan(
        "card expert in parts, returned",
        "K",
        "card",
        Takes.PER_INVOICE,
        moves=(parcel(1), parcel(2), take_back(1, 2)),
        gives=(("refund", PRICES[0]), ("refund", PRICES[1])),
        says=("refunded_booked",),
    ),
    Plan(
        "paylater in parts, returned",
        "R",
        "paylater-invoice",
        Takes.PER_INVOICE,
        moves=(parcel(1), parcel(2), take_back(1)),
        gives=(("refund", PRICES[0]),),
        says=("refunded_booked",),
    ),
    # invoices
    Plan(
        "invoice",
        "I",
        "invoice",
        Takes.NOTHING,
        state="waiting",
        moves=(parcel(), transfer(TOTAL, "shipping")),
    ),
    Plan(
        "secured invoice, returned",
        "G",
        "invoice-secured",
        Takes.NOTHING,
        state="waiting",
        moves=(parcel(), take_back(2), transfer(PRICES[0], "settled")),
        gives=(("shipment", TOTAL), ("reversal", PRICES[1])),
        says=("shipment_reported", "refunded_booked"),
    ),
    # more of both
    Plan(
        "prepayment, returned",
        "V",
        "prepayment",
        Takes.NOTHING,
        state="waiting",
        moves=(parcel(), take_back(2)),
        gives=(("refund", PRICES[1]),),
        says=("refunded_booked",),
    ),
    Plan(
        "invoice, a line cancelled, paid first",
        "I",
        "invoice",
        Takes.NOTHING,
        state="waiting",
        moves=(cancel(2), transfer(PRICES[0], "released", owed_minor=TOTAL), parcel(1)),
        gives=(("reversal", PRICES[1]),),
        says=("refunded",),
    ),
)
ALL_PLANS = (*GIVING_BACK, *PLANS)

PAYMENT_HOOK = {"waiting_payment": "complete", "waiting_transfer": "receipt"}


@dataclass
class Placed:
    """An order in the ERP and what has happened to it from outside so far."""

    plan: Plan
    order_no: str
    payment_id: str
    told: set[str] = field(default_factory=set)  # what the provider did to the payment
    received_minor: int = 0
    moved: int = 0  # how many of its moves were made
    invoices: list[str] = field(default_factory=list)
    credits: list[str] = field(default_factory=list)
    before: dict[str, Callable[[], object]] = field(default_factory=dict)  # called before the provider does something
    on_invoice: Callable[[str], object] = str  # called with the number of each new invoice
    on_credit: Callable[[str], object] = str  # called with the number of each new credit note

    @property
    def told_all(self) -> bool:
        """Whether nothing more happens to it from outside."""
        return self.moved == len(self.plan.all_moves)

    @property
    def next_move(self) -> Move | None:
        return None if self.told_all else self.plan.all_moves[self.moved]

    def missing(self, payments: Sequence[dict[str, Any]], erp: Sequence[dict[str, Any]]) -> list[str]:
        """What has not taken effect yet of what has to go back, from the effects at the provider and in the ERP."""
        given = Counter((one["kind"], one["amount_minor"]) for one in payments if one["payment_id"] == self.payment_id)
        mine = [one for one in erp if str(one["order_nr"]) == self.order_no]
        booked = {one["invoice_nr"] for one in mine if one["kind"] in BOOKINGS}
        found = [f"{kind} {amount}" for kind, amount in (Counter(self.plan.gives) - given).elements()]
        found += [f"booking of {one}" for one in self.credits if one not in booked]
        return found + [f"comment {one}" for one in (Counter(self.plan.says) - said(mine)).elements()]

    def __str__(self) -> str:
        return f"order {self.order_no} ({self.plan.name}, {self.payment_id})"


def said(effects: Iterable[dict[str, Any]]) -> Counter[str]:
    """How often each comment about money that went back, or about a shipment, stands in the ERP."""
    labels = (comment_label(one["text"]) for one in effects if one["kind"] == "comment")
    return Counter(one for one in labels if one in SAID)


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
    """Do what comes next for an order that stands at `status`; returns the number of a new document, or ''."""
    hook = PAYMENT_HOOK.get(status, "")
    if hook and hook not in order.told and (hook == "complete" or order.plan.pays_when_asked):
        _pays(stage, order, hook, TOTAL)
    move = order.next_move
    if move is None or status not in move.at or (move.paid and not order.received_minor):
        return ""
    try:
        return _make(stage, order, move)
    except NotNow:  # the ERP does not let it just now
        return ""


def _pays(stage: Stage, order: Placed, hook: str, amount_minor: int) -> None:
    order.before.get(hook, str)()
    body: dict[str, Any] = {"amount_minor": amount_minor} if hook == "receipt" else {}
    stage.at_payment(order.payment_id, hook, **body)
    order.told.add(hook)
    order.received_minor += amount_minor if hook == "receipt" else 0


def _make(stage: Stage, order: Placed, move: Move) -> str:
    if move.what == "receipt":
        if stage.payment(order.payment_id)["remaining_minor"] == move.owed_minor:
            _pays(stage, order, move.what, move.amount_minor)
            order.moved += 1
        return ""
    made = stage.at_order(order.order_no, move.what, lines=list(move.lines) or None)
    order.moved += 1
    if move.what == "cancel-lines":
        return ""
    number = str(made["invoice_nr"])
    known, hear = (order.invoices, order.on_invoice) if move.what == "ship" else (order.credits, order.on_credit)
    known.append(number)
    hear(number)
    return number


def first_losses(stage: Stage, payment_id: str) -> None:
    """The first capture, void, refund and report of a payment each take effect, and their answer is lost."""
    for call in MONEY_CALLS:
        stage.arm(stage.unzer, call=call, kind="drop_after", match={"payment_id": payment_id})


def losses(rng: random.Random, stage: Stage, order: Placed) -> None:
    """The answers to other calls about an order are lost often; that to its bank data always."""
    kinds = ("drop_after", "malformed", "status_after")
    about = {"OrderNr": order.order_no}
    for call in ("pixiPaySetAuthorizationStatus", "pixiSetOrderShippingLock", "pixiCreateOrderComment"):
        if rng.random() < 0.5:
            stage.arm(stage.pixi, call=call, kind=rng.choice(kinds), match=about)
    if "address_changed" in order.plan.changes:
        stage.arm(stage.pixi, call="pixiChangeAddress", kind="drop_after", match=about)


def losses_of_booking(rng: random.Random, stage: Stage, order: Placed, number: str) -> None:
    """The booking is the only money call of a prepaid order, so its answer is always lost; of others often. That to the
    booking of a credit note is always lost."""
    if number in order.credits:
        stage.arm(stage.pixi, call="pixiCACreateManualBooking", kind="drop_after", match={"InvoiceNr": number})
    elif order.plan.takes is Takes.NOTHING or rng.random() < 0.5:
        stage.arm(stage.pixi, call="pixiPaySetInvoiceCapture", kind="drop_after", match={"InvoiceNr": number})
