"""The life of one simulated tenant: the world acts, weeks pass, and everything that Holdfast did is listed."""

import itertools
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

import httpx
from sqlalchemy import select

from cli.stage import Stage
from domain.windows import next_local
from simulation.driver import Driver
from storage.database import Database
from storage.orders import Orders
from storage.rows import OrderRow
from storage.tables import READ_MODELS
from storage.tokens import Tokens
from tests.support.stack import Stack
from workflows.messages import LookNow
from workflows.sending import WorkflowSender

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PRICES = (6000, 4000)
TOTAL = sum(PRICES)
CODES = {"card": "K", "now": "S", "prepayment": "V", "paylater": "R"}
_SERIAL = itertools.count(1)
TYPES = {"K": "card", "S": "paypal", "V": "prepayment", "R": "paylater-invoice"}


@dataclass(frozen=True)
class Placed:
    """An order in the ERP and its payment."""

    order_no: str
    payment_id: str


@dataclass(frozen=True)
class Done:
    """Everything that was done about one order, amounts in minor units, each in the order in which it took effect."""

    captured: tuple[int, ...] = ()
    booked: tuple[int, ...] = ()
    releases: int = 0
    locks: int = 0
    unlocks: int = 0
    mails: tuple[int, ...] = ()
    status: str = ""
    given_back: tuple[int, ...] = ()  # refunds, and holds given up


@dataclass
class Life:
    """A tenant of its own on running processes, and the driver of its time."""

    stack: Stack
    stage: Stage
    driver: Driver
    names: Counter[str] = field(default_factory=Counter)

    @classmethod
    async def begin(cls, stack: Stack, tenant: str, *, webhooks: bool = True, **role: Any) -> "Life":
        """Set the tenant up; its life begins at nine in the morning, so that the ERP is awake for hours."""
        stage = stack.stage(tenant, webhooks=webhooks, **role)
        life = cls(stack, stage, await stack.driver(stage, patience=timedelta(minutes=4)))
        await life.to(next_local(life.now(), time(9)))
        return life

    async def go_on(self) -> None:
        """Take hold of the same tenant anew, after a restart of what is around it."""
        self.driver = await self.stack.driver(self.stage, patience=timedelta(minutes=4))

    # -- time

    def now(self) -> datetime:
        return self.driver.now()

    async def to(self, instant: datetime) -> None:
        await self.driver.run_until(instant)

    async def pass_by(self, span: timedelta) -> None:
        """Live through `span`."""
        await self.driver.run_until(self.now() + span)

    def poll_every(self, interval: timedelta) -> None:
        """From the next poll on the ERP is asked at this interval, not only when the driver says so."""
        role, directory = self.stage.role, self.stack.stores.directory
        known = directory.erp_connection(role.tenant, role.connection)
        assert known is not None
        directory.put_erp_connection(replace(known, poll_interval=interval))

    async def look(self) -> None:
        """Have the ERP asked now."""
        sender = WorkflowSender(await self.stack.client(), self.stack.settings.timing.pacing, "")
        await sender.look_now(self.stage.role.tenant, self.stage.role.connection, LookNow(f"look-{next(_SERIAL)}"))

    # -- what the world does

    def pay(self, code: str = "K", amount: int = TOTAL, **seed: Any) -> str:
        """A customer pays in the shop."""
        state = "waiting" if code == "V" else "authorized"
        wanted = {"type": TYPES[code], "state": state, "amount_minor": amount, "currency": "EUR"}
        return self.stage.seed_payment(**wanted | seed)

    def order(self, code: str = "K", payment_id: str | None = None, **fields: Any) -> Placed:
        """The shop hands an order to the ERP; without `payment_id` its customer has paid it in full."""
        paid = self.pay(code) if payment_id is None else payment_id
        tags = {one.code: one.xml_tag for one in self.stage.role.codes}
        self.names[code] += 1
        wanted = {
            "order_nr_external": f"W-{code}-{self.names[code]}",
            "shop_id": self.stage.role.shop,
            "payment_code": code,
            "kk_id": paid,
            "xml_tag": tags.get(code, ""),
            "lines": [{"sku": f"ART-{no}", "qty": 1, "price": price} for no, price in enumerate(PRICES, 1)],
            "customer": {"external_nr": f"C-{code}-{self.names[code]}"},
        }
        return Placed(str(self.stage.import_order(**wanted | fields)["order_nr"]), paid)

    def ship(self, order: Placed, *lines: int) -> str:
        """The warehouse ships; returns the number of the invoice."""
        wanted = list(lines) or None
        return str(self.stage.at_order(order.order_no, "ship", lines=wanted)["invoice_nr"])

    # -- what Holdfast did

    def row(self, order: Placed) -> OrderRow | None:
        role = self.stage.role
        return Orders(self.stack.stores.db).get_order(role.tenant, role.connection, order.order_no)

    def workflow_id(self, order: Placed) -> str:
        row = self.row(order)
        assert row is not None, f"the order {order.order_no} is not known"
        return row.workflow_id

    def done(self, order: Placed) -> Done:
        """The complete list of effects and mails, and where the order stands."""
        erp = [one for one in self.stage.effects(self.stage.pixi) if str(one.get("order_nr")) == order.order_no]
        kinds = Counter(str(one["kind"]) for one in erp)
        taken = [one for one in self.stage.effects(self.stage.unzer) if one.get("payment_id") == order.payment_id]
        mine = taken if order.payment_id else []
        assert all(one["kind"] in ("capture", "reversal", "refund") for one in mine), mine
        row = self.row(order)
        return Done(
            captured=tuple(int(one["amount_minor"]) for one in mine if one["kind"] == "capture"),
            booked=tuple(int(one["amount_minor"]) for one in erp if one["kind"] in ("capture_reported", "booking")),
            releases=kinds["release"],
            locks=kinds["lock"],
            unlocks=kinds["unlock"],
            mails=tuple(sorted(_number(str(one["subject"])) for one in self.mails(order))),
            status=row.status if row else "",
            given_back=tuple(int(one["amount_minor"]) for one in mine if one["kind"] != "capture"),
        )

    def mails(self, order: Placed) -> list[dict[str, Any]]:
        return [one for one in self.stage.mails() if order.order_no in _words(str(one["subject"]))]

    def comments(self, order: Placed) -> list[str]:
        erp = self.stage.effects(self.stage.pixi)
        mine = [one for one in erp if str(one.get("order_nr")) == order.order_no and one["kind"] == "comment"]
        return [str(one["text"]) for one in mine]

    def log(self, system: str) -> list[dict[str, Any]]:
        """Every request to one sandbox."""
        found: list[dict[str, Any]] = self.stage.call("GET", f"{system}/log")
        return found

    def disarm(self, system: str) -> None:
        self.stage.call("DELETE", f"{system}/faults")

    def token(self) -> str:
        """A new API token of this tenant."""
        scopes = frozenset({"orders:read", "orders:write"})
        return Tokens(self.stack.stores.db).add(f"t{next(_SERIAL)}", scopes, tenant=self.stage.role.tenant)

    def tell(self, order: Placed, wish: str) -> None:
        """The shop tells the order something through the API."""
        places = self.stack.places
        answer = httpx.post(
            f"{places.url(places.starter)}/orders/{self.stage.role.connection}/{order.order_no}/{wish}",
            json={"request_id": f"request-{next(_SERIAL)}"},
            headers={"Authorization": f"Bearer {self.token()}"},
            timeout=60,
            trust_env=False,
        )
        assert answer.status_code == 202, answer.text

    def starter(self, path: str, token: str = "") -> httpx.Response:
        """One request to the starter."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        places = self.stack.places
        return httpx.get(f"{places.url(places.starter)}{path}", headers=headers, timeout=60, trust_env=False)


def _words(subject: str) -> list[str]:
    return subject.replace("(", " ").replace(")", " ").replace("]", " ").split()


def _number(subject: str) -> int:
    return next((int(word) for word in _words(subject) if word.isdigit() and len(word) == 4), 0)


def read_models(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every read model."""
    with db.read() as sql:
        return {
            table.name: sorted((tuple(row) for row in sql.execute(select(table)).all()), key=repr)
            for table in READ_MODELS
        }
