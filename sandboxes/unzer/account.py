"""One merchant account: key pairs, resources, payments, earlier errors, and what it will do by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandboxes.kit.account import Account
from sandboxes.kit.clock import AccountClock
from sandboxes.unzer.agenda import Agenda, Delayed
from sandboxes.unzer.ids import Ids
from sandboxes.unzer.model import Payment
from sandboxes.unzer.settings import AccountSettings, KeyPair
from sandboxes.unzer.webhooks import Webhooks

ERRORS_KEPT = 2_000


class WatchedClock(AccountClock):
    """Tells when it is set, so that a waiting retry notices."""

    changed: Callable[[], None] = staticmethod(lambda: None)

    def follow(self, offset_seconds: float) -> None:
        super().follow(offset_seconds)
        self.changed()

    def set(self, instant: datetime, *, frozen: bool) -> None:
        super().set(instant, frozen=frozen)
        self.changed()


class UnzerAccount(Account):
    """A merchant. Its server hears of every change by `touch` and plays late requests by `late`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.agenda = Agenda(self)
        clock = WatchedClock()
        clock.changed = self.agenda.wake
        self.clock = clock
        self.touch: Callable[[], None] = lambda: None
        self.late: Callable[[Delayed], None] = lambda _: None
        self.new_payment_id: Callable[[], str] = lambda: f"{self.prefix}-pay-{len(self.payments) + 1}"
        self.configure(AccountSettings())
        self.clear()

    def configure(self, settings: AccountSettings) -> None:
        self.settings = settings
        self.pairs: list[KeyPair] = settings.key_pairs(self.name)

    def clear(self) -> None:
        """Forget everything the account holds, but not how it is configured."""
        self.ids = Ids(self.name)
        self.payments: dict[str, Payment] = {}
        self.types: dict[str, dict[str, Any]] = {}
        self.customers: dict[str, dict[str, Any]] = {}
        self.baskets: dict[str, dict[str, Any]] = {}
        self.metadata: dict[str, dict[str, Any]] = {}
        self.errors: dict[str, dict[str, Any]] = {}
        self.webhooks = Webhooks()
        self.agenda.clear()

    @property
    def prefix(self) -> str:
        """`s` or `p`, the first letter of every id."""
        return self.pairs[0].private_key[0]

    def date(self) -> str:
        """The account's present as answers write it."""
        return self.clock.now().astimezone(ZoneInfo(self.settings.date_zone)).strftime("%Y-%m-%d %H:%M:%S")

    def later(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)

    def url(self, path: str) -> str:
        return f"{self.settings.url_base}{path}"

    def mask(self, text: str) -> str:
        """`text` without the private keys of this account."""
        for pair in self.pairs:
            text = text.replace(pair.private_key, pair.masked)
        return text

    def payment_of(self, key: str, public_key: str | None) -> Payment | None:
        """A payment by its id or the merchant's order id (the newest one), visible to its own key pair only."""
        found = self.payments.get(key)
        if found is None:
            found = next((one for one in reversed(self.payments.values()) if one.order_id == key and key), None)
        if found is None or (public_key is not None and found.public_key != public_key):
            return None
        return found

    def keep_error(self, body: dict[str, Any]) -> None:
        self.errors[body["id"]] = body
        while len(self.errors) > ERRORS_KEPT:
            del self.errors[next(iter(self.errors))]

    def emit(self, event: str, path: str, *, public_key: str, payment_id: str = "") -> None:
        """Notify every matching webhook of the key pair; `path` is the API path of the resource."""
        body = {"event": event, "publicKey": public_key, "retrieveUrl": self.url(path)}
        if payment_id:
            body["paymentId"] = payment_id
        for hook in self.webhooks.listening(public_key, event):
            self.agenda.notify(hook["id"], hook["url"], body)

    def next_event(self) -> datetime | None:
        return self.agenda.next_due()

    async def release_events(self) -> int:
        return await self.agenda.run_due()

    def set_hold(self, hold: bool) -> None:
        self.agenda.set_hold(hold)

    def pending_events(self) -> int:
        return self.agenda.pending()

    def dump(self) -> dict[str, Any]:
        return {
            "settings": self.settings.model_dump(),
            "serial": self.ids.serial,
            "payments": [one.dump() for one in self.payments.values()],
            "types": self.types,
            "customers": self.customers,
            "baskets": self.baskets,
            "metadata": self.metadata,
            "errors": list(self.errors.values()),
            "webhooks": self.webhooks.dump(),
            "agenda": self.agenda.dump(),
        }

    def restore(self, data: dict[str, Any]) -> None:
        self.configure(AccountSettings.model_validate(data["settings"]))
        self.clear()
        self.ids.serial = int(data["serial"])
        self.payments = {one["id"]: Payment.restore(one) for one in data["payments"]}
        self.types, self.customers = data["types"], data["customers"]
        self.baskets, self.metadata = data["baskets"], data["metadata"]
        self.errors = {one["id"]: one for one in data["errors"]}
        self.webhooks.restore(data["webhooks"])
        self.agenda.restore(data["agenda"])
