"""One merchant account with its test side and its live side."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandboxes.kit.account import Account
from sandboxes.kit.clock import AccountClock
from sandboxes.stripe.agenda import Agenda
from sandboxes.stripe.settings import AccountSettings
from sandboxes.stripe.side import Side


@dataclass(frozen=True)
class Cause:
    """What changes something: `api` with its request, `dashboard` (a hook), `seed`, or the `clock`."""

    by: str = "dashboard"
    request_id: str = ""
    idempotency_key: str = ""


class WatchedClock(AccountClock):
    """Tells when it is set, so that a waiting deed notices."""

    changed: Callable[[], None] = staticmethod(lambda: None)

    def follow(self, offset_seconds: float) -> None:
        super().follow(offset_seconds)
        self.changed()

    def set(self, instant: datetime, *, frozen: bool) -> None:
        super().set(instant, frozen=frozen)
        self.changed()


class StripeAccount(Account):
    """A merchant. Its server hears of every change by `touch`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.agenda = Agenda(self)
        clock = WatchedClock()
        clock.changed = self.agenda.wake
        self.clock = clock
        self.touch: Callable[[], None] = lambda: None
        self.cause = Cause()
        self.origin = ""  # scheme, host and port under which this server was called last
        self.configure(AccountSettings())
        self.created = self.now()
        self.test = Side(self, live=False)
        self.live = Side(self, live=True)

    def configure(self, settings: AccountSettings) -> None:
        self.settings = settings
        self.keys = settings.keys(self.name)
        self.id = settings.acct(self.name)

    def clear(self) -> None:
        """Forget everything both sides hold, but not how the account is configured."""
        for side in self.sides():
            side.clear()

    def sides(self) -> tuple[Side, Side]:
        return self.test, self.live

    def now(self) -> int:
        """The account's present in unix seconds."""
        return int(self.clock.now().timestamp())

    @contextmanager
    def caused(self, by: str, request_id: str = "", idempotency_key: str = "") -> Iterator[None]:
        """Name who is behind the changes made inside."""
        before, self.cause = self.cause, Cause(by, request_id, idempotency_key)
        try:
            yield
        finally:
            self.cause = before

    def moved(self, side: Side, kind: str, amount: int, currency: str, payment_intent: str, **facts: Any) -> None:
        """Record a money effect: what was held, taken, given back or let go. `amount` in minor units."""
        intent = side.intents[payment_intent]
        self.effect(
            kind,
            by=self.cause.by,
            mode=side.mode,
            payment_intent=payment_intent,
            charge=intent.latest_charge,
            customer=intent.customer,
            amount_minor=amount,
            currency=currency,
            idempotency_key=self.cause.idempotency_key,
            metadata=dict(intent.metadata),
            **facts,
        )

    def mask(self, text: str) -> str:
        """`text` without the secret keys of this account."""
        secrets = [self.keys["secret_key"], self.keys["live_secret_key"]]
        for secret in (*secrets, *(one.key for one in self.settings.restricted_keys)):
            text = text.replace(secret, f"{secret[:8]}…")
        return text

    def next_event(self) -> datetime | None:
        return self.agenda.next_due()

    async def release_events(self) -> int:
        return self.agenda.run_due()

    def set_hold(self, hold: bool) -> None:
        self.agenda.set_hold(hold)

    def pending_events(self) -> int:
        return self.agenda.pending()

    def dump(self) -> dict[str, Any]:
        return {
            "settings": self.settings.model_dump(),
            "created": self.created,
            "hold": self.agenda.hold,
            "test": self.test.dump(),
            "live": self.live.dump(),
        }

    def restore(self, data: dict[str, Any]) -> None:
        self.configure(AccountSettings.model_validate(data["settings"]))
        self.created = data["created"]
        self.agenda.hold = data["hold"]
        self.test.restore(data["test"])
        self.live.restore(data["live"])
