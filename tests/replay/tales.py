"""The orders whose histories are kept: what each is, and what happens to it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
from temporalio.client import Client, WorkflowHandle

from cli.stage import CODES, Code, Stage
from domain.facts import Wish
from domain.windows import erp_opens
from simulation.driver import Driver
from simulation.steps import At
from workflows.ids import order_workflow_id
from workflows.messages import Message, PaymentHint
from workflows.sending import KnownOrder, WorkflowSender

DAY = timedelta(days=1)
SECURED = Code("I", "UZIVS")
FIRST_IMPORT = timedelta(minutes=2)

# what must never reach a history: seeded into every order and payment, searched for in every file
PERSONAL = {
    "first_name": "Friedhelm-Ottokar",
    "last_name": "Quastenflosser",
    "street": "Rattenfaengerweg",
    "city": "Wolkenkuckucksheim",
    "email": "friedhelm@quastenflosser.example",
    "phone": "0151-23571113",
}
IBAN = "DE02120300000000202051"


@dataclass(frozen=True)
class Tale:
    """One order of a tenant of its own, so that its clock makes no steps for others.

    `acts` happen so long after the import; prices are minor units.
    """

    name: str
    code: str
    payment: dict[str, Any] | None
    acts: tuple[tuple[timedelta, "Act"], ...] = ()
    prices: tuple[int, ...] = (9990,)
    webhooks: bool = True
    codes: tuple[Code, ...] = CODES


@dataclass
class Teller:
    """Plays one tale: its order, its payment, and the ways to them."""

    stage: Stage
    client: Client
    sender: WorkflowSender
    known: Callable[[str], KnownOrder | None]
    tale: Tale
    order_no: str = ""
    payment_id: str = ""

    @property
    def workflow_id(self) -> str:
        return order_workflow_id(self.stage.role.tenant, self.stage.role.connection, self.order_no)

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.client.get_workflow_handle(self.workflow_id)

    def order(self) -> KnownOrder:
        found = self.known(self.workflow_id)
        assert found is not None
        return found

    async def begin(self) -> None:
        """The customer pays, the shop hands the order to the ERP."""
        tale, stage = self.tale, self.stage
        if tale.payment is not None:
            customer = {"firstname": PERSONAL["first_name"], "lastname": PERSONAL["last_name"]}
            customer["email"] = PERSONAL["email"]
            payment = {"currency": "EUR", "customer": customer, **tale.payment}
            self.payment_id = await asyncio.to_thread(partial(stage.seed_payment, **payment, order_id=tale.name))
        lines = [
            {"sku": f"ART-{number}", "name": f"Artikel {number}", "qty": 1, "price": price}
            for number, price in enumerate(tale.prices, 1)
        ]
        tags = {one.code: one.xml_tag for one in stage.role.codes}
        imported = await asyncio.to_thread(
            partial(
                stage.import_order,
                order_nr_external=f"W-{tale.name}",
                shop_id=stage.role.shop,
                payment_code=tale.code,
                kk_id=self.payment_id or None,
                xml_tag=tags[tale.code],
                lines=lines,
                customer={"external_nr": tale.name, **PERSONAL},
                shop_note=f"Bitte an {PERSONAL['last_name']}, IBAN {IBAN}",
            )
        )
        self.order_no = str(imported["order_nr"])


Act = Callable[[Teller], Awaitable[object]]


# -- what happens to an order


def at_order(hook: str, **body: Any) -> Act:
    """The warehouse does something."""
    return lambda teller: asyncio.to_thread(partial(teller.stage.at_order, teller.order_no, hook, **body))


def ship(*lines: int) -> Act:
    return at_order("ship", lines=list(lines) or None)


def at_payment(hook: str, **body: Any) -> Act:
    """The customer or the provider does something."""
    return lambda teller: asyncio.to_thread(partial(teller.stage.at_payment, teller.payment_id, hook, **body))


def fault(call: str, kind: str) -> Act:
    """The next request of that kind about this payment fails."""

    def arm(teller: Teller) -> Awaitable[object]:
        stage, match = teller.stage, {"payment_id": teller.payment_id}
        return asyncio.to_thread(partial(stage.arm, stage.unzer, call=call, kind=kind, match=match))

    return arm


def refund_by_hand(amount: str) -> Act:
    """The merchant gives a part of the first charge back, without the ERP and without us."""

    def refund(stage: Stage, payment_id: str) -> None:
        url = f"{stage.unzer.partition('/control/')[0]}/v1/payments/{payment_id}/charges/s-chg-1/cancels"
        key = (str(stage.call("GET", stage.unzer)["private_key"]), "")
        httpx.post(url, json={"amount": amount}, auth=key, trust_env=False).raise_for_status()

    return lambda teller: asyncio.to_thread(partial(refund, teller.stage, teller.payment_id))


def tell(wish: Wish, request_id: str) -> Act:
    """A person tells the order something."""
    return lambda teller: teller.sender.tell(teller.workflow_id, Message(request_id, wish, "operator"), teller.order)


async def cancel_workflow(teller: Teller) -> None:
    """Somebody presses *cancel* in the Temporal UI."""
    await teller.handle.cancel()


async def lose_and_hint(teller: Teller) -> None:
    """Somebody terminates the workflow; a hint starts it without its past."""
    known = teller.order()
    await teller.handle.terminate("an operator did")
    await teller.sender.hint(replace(known, resume=None), PaymentHint("blind"))


# -- the tales


def paid(type_: str, state: str, amount_minor: int = 9990) -> dict[str, Any]:
    return {"type": type_, "state": state, "amount_minor": amount_minor}


TALES = (
    Tale("card", "K", paid("card", "authorized"), ((2 * DAY, ship()),), webhooks=False),
    Tale(
        "prepayment-late-transfer",
        "V",
        paid("prepayment", "waiting"),
        ((16 * DAY, at_payment("receipt", amount_minor=9990)), (20 * DAY, ship())),
        webhooks=False,
    ),
    Tale("blocked", "K", paid("card", "authorized", 8990), ((5 * DAY, tell(Wish.LOOK_AGAIN, "look-1")),)),
    Tale(
        "card-two-invoices",
        "K",
        paid("card", "authorized"),
        ((DAY, ship(1)), (4 * DAY, ship())),
        (4990, 5000),
    ),
    Tale("paypal-standard", "S", paid("paypal", "authorized"), ((3 * DAY, ship()),)),
    Tale("apple-pay-paid-in-shop", "S", paid("applepay", "charged"), ((2 * DAY, ship()),)),
    Tale(
        "prepayment-in-parts",
        "V",
        paid("prepayment", "waiting"),
        (
            (4 * DAY, at_payment("receipt", amount_minor=5000)),
            (9 * DAY, at_payment("receipt", amount_minor=4990)),
            (11 * DAY, ship()),
        ),
    ),
    Tale(
        "paylater-two-invoices",
        "R",
        paid("paylater-invoice", "authorized"),
        ((2 * DAY, ship(1)), (20 * DAY, ship())),
        (4990, 5000),
    ),
    Tale("pending-at-import", "K", paid("card", "pending"), ((DAY / 48, at_payment("complete")), (2 * DAY, ship()))),
    Tale("hold-expired", "K", paid("card", "authorized"), ((8 * DAY, at_payment("expire")), (9 * DAY, ship()))),
    Tale(
        "answer-lost",
        "K",
        paid("card", "authorized"),
        ((1.9 * DAY, fault("capture", "drop_after")), (2 * DAY, ship())),
    ),
    Tale("no-payment-id", "K", None),
    Tale(
        "messages",
        "K",
        paid("card", "authorized"),
        (
            (DAY, tell(Wish.LOOK_AGAIN, "look-1")),
            (1.1 * DAY, tell(Wish.PAYMENT_RECEIVED, "paid-1")),
            (1.2 * DAY, tell(Wish.CANCEL, "cancel-1")),
            (1.3 * DAY, tell(Wish.CANCEL, "cancel-2")),
            (1.4 * DAY, tell(Wish.MARK_SOLVED, "solved-1")),
            (2 * DAY, at_order("cancel-lines", lines=None)),
        ),
    ),
    Tale(
        "workflow-cancelled",
        "K",
        paid("card", "authorized"),
        ((DAY, cancel_workflow), (2 * DAY, ship()), (3 * DAY, tell(Wish.MARK_SOLVED, "solved-1"))),
    ),
    Tale(
        "adopted",
        "K",
        paid("card", "authorized"),
        ((DAY, lose_and_hint), (2 * DAY, ship())),
    ),
)

# money that goes back
GIVING_BACK = (
    Tale(
        "cancelled-standard",
        "S",
        paid("card", "authorized"),
        ((DAY, at_order("cancel-lines", lines=None)),),
        webhooks=False,
    ),
    Tale(
        "cancelled-expert",
        "K",
        paid("card", "authorized"),
        ((DAY, at_order("cancel-lines", lines=None)),),
        webhooks=False,
    ),
    Tale(
        "line-cancelled",
        "K",
        paid("card", "authorized"),
        ((DAY, at_order("cancel-lines", lines=[2])), (2 * DAY, ship())),
        (4990, 5000),
    ),
    Tale(
        "returned",
        "K",
        paid("card", "authorized"),
        ((DAY, ship(1)), (2 * DAY, ship()), (9 * DAY, at_order("return", lines=None))),
        (4990, 5000),
    ),
    Tale(
        "refunded-by-hand",
        "K",
        paid("card", "authorized"),
        (
            (DAY, ship()),
            (5 * DAY, refund_by_hand("50.00")),
            (9 * DAY, at_order("return", lines=[2])),
            (12 * DAY, tell(Wish.LOOK_AGAIN, "look-1")),
        ),
        (4990, 5000),
    ),
    Tale(
        "prepayment-cancelled",
        "V",
        paid("prepayment", "waiting"),
        ((2 * DAY, at_payment("receipt", amount_minor=9990)), (3 * DAY, at_order("cancel-lines", lines=None))),
    ),
    Tale(
        "secured-invoice",
        "I",
        paid("invoice-secured", "waiting"),
        ((2 * DAY, ship()), (20 * DAY, at_payment("receipt", amount_minor=9990))),
        codes=(SECURED,),
    ),
)

CONTINUED = Tale(
    "continued",
    "V",
    paid("prepayment", "waiting"),
    ((4 * DAY, at_payment("receipt", amount_minor=9990)), (6 * DAY, ship())),
)


async def play(teller: Teller, driver: Driver, lasts: timedelta) -> None:
    """Let everything of one tale happen."""
    imported = erp_opens(datetime.now(UTC) + FIRST_IMPORT)
    events = [At(imported, "import", teller.begin)]
    events += [At(imported + after, f"after {after}", partial(act, teller)) for after, act in teller.tale.acts]
    await driver.run_until(imported + lasts, events)
