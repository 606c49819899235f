"""One database of the ERP: its settings, its state, and the look-ups that calls and hooks share."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sandboxes.kit.account import Account
from sandboxes.pixi.settings import AccountSettings, BookingEvent, PaymentType
from sandboxes.pixi.state import AccountEvent, Address, Change, Customer, Invoice, Order, State
from sandboxes.pixi.texts import stored

FIRST_NUMBERS = {"order": 100_001, "customer": 50_001, "address": 70_001, "line": 900_001, "invoice": 21}
CHANGES_KEPT = 50_000


class PixiAccount(Account):
    """State and settings of one account; what happens to them is decided in `ordering`, `warehouse` and `ledger`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.settings = AccountSettings(user=f"pixi{name}")
        self.state = State()
        self._index()

    def _index(self) -> None:
        self._by_external: dict[str, list[int]] = defaultdict(list)
        for order in self.state.orders.values():
            self._by_external[order.external.casefold()].append(order.nr)
        self._by_customer: dict[int, list[AccountEvent]] = defaultdict(list)
        for event in self.state.events:
            self._by_customer[event.cust_key].append(event)
        self._customer_nr = {(one.shop, one.external.casefold()): one.key for one in self.state.customers.values()}

    def now(self) -> datetime:
        return self.clock.now()

    def number(self, kind: str) -> int:
        """The next number of a kind; every kind counts on its own."""
        value = self.state.numbers.get(kind, FIRST_NUMBERS.get(kind, 1))
        self.state.numbers[kind] = value + 1
        return value

    def text(self, value: str) -> str:
        return stored(value, code_page=self.settings.code_page)

    def add_order(self, order: Order) -> None:
        self.state.orders[order.nr] = order
        self._by_external[order.external.casefold()].append(order.nr)

    def add_customer(self, customer: Customer) -> None:
        self.state.customers[customer.key] = customer
        self._customer_nr[(customer.shop, customer.external.casefold())] = customer.key

    def add_event(self, event: AccountEvent) -> None:
        self.state.events.append(event)
        self._by_customer[event.cust_key].append(event)

    def order(self, nr: int | None) -> Order | None:
        return self.state.orders.get(nr) if nr is not None else None

    def orders_by_external(self, external: str) -> list[Order]:
        """Orders with this shop order number, compared without case as the database does."""
        return [self.state.orders[nr] for nr in self._by_external.get(external.strip().casefold(), [])]

    def invoice(self, nr: str | None) -> Invoice | None:
        return self.state.invoices.get(nr.strip().upper()) if nr else None

    def invoices_of(self, order: Order) -> list[Invoice]:
        return [self.state.invoices[nr] for nr in order.invoices]

    def customer(self, key: int | None) -> Customer | None:
        return self.state.customers.get(key) if key is not None else None

    def customer_by_external(self, shop: str, external: str) -> Customer | None:
        return self.customer(self._customer_nr.get((shop, external.strip().casefold())))

    def address_of(self, order: Order) -> Address:
        return self.state.addresses[order.addr_key]

    def events_of(self, cust_key: int) -> list[AccountEvent]:
        return self._by_customer.get(cust_key, [])

    def booking_event(self, event_id: str | None) -> BookingEvent | None:
        return next((one for one in self.settings.events if one.id == event_id), None)

    def payment_type(self, code: str) -> PaymentType | None:
        return next((one for one in self.settings.payment_types if one.code == code), None)

    def touch(self, order: Order, change: str = "UORDER", param1: str | None = None) -> None:
        """Note that the order changed now, so that the change lists show it."""
        order.updated_at = self.now()
        self.state.changes.append(Change(order_nr=order.nr, type=change, at=order.updated_at, param1=param1))
        if len(self.state.changes) > CHANGES_KEPT:
            del self.state.changes[: CHANGES_KEPT // 10]

    def dump(self) -> dict[str, Any]:
        return {"settings": self.settings.model_dump(mode="json"), **self.state.model_dump(mode="json")}

    def packed(self) -> dict[str, Any]:
        """The state as one JSON text, which is many times faster to write than a tree of objects."""
        return {"settings": self.settings.model_dump(mode="json"), "packed": self.state.model_dump_json()}

    def restore(self, data: dict[str, Any]) -> None:
        self.settings = AccountSettings.model_validate(data["settings"])
        if "packed" in data:
            self.state = State.model_validate_json(data["packed"])
        else:
            self.state = State.model_validate({key: value for key, value in data.items() if key != "settings"})
        self._index()
