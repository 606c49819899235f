"""One merchant: settings, payments and how they are found, remembered requests, and what it will do by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sandboxes.kit.account import Account
from sandboxes.kit.clock import AccountClock
from sandboxes.paygate.agenda import EXPIRE, Agenda, Entry
from sandboxes.paygate.cards import Card
from sandboxes.paygate.ids import Ids
from sandboxes.paygate.model import Action, Payment
from sandboxes.paygate.requests_once import Remembered
from sandboxes.paygate.scripts import ScriptBook
from sandboxes.paygate.settings import MerchantSettings


class WatchedClock(AccountClock):
    """Tells when it is set, so that a waiting agenda notices."""

    changed: Callable[[], None] = staticmethod(lambda: None)

    def follow(self, offset_seconds: float) -> None:
        super().follow(offset_seconds)
        self.changed()

    def set(self, instant: datetime, *, frozen: bool) -> None:
        super().set(instant, frozen=frozen)
        self.changed()


class PaygateAccount(Account):
    """A merchant. Its server hears of every change by `touch` and plays what is due by `play`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.agenda = Agenda(self)
        clock = WatchedClock()
        clock.changed = self.agenda.wake
        self.clock = clock
        self.touch: Callable[[], None] = lambda: None
        self.play: Callable[[Entry], None] = lambda _: None
        self.settings = MerchantSettings().of(name)
        self.clear()

    def clear(self) -> None:
        """Forget everything the account holds, but not how it is configured."""
        self.ids = Ids(self.name)
        self.actions = 0
        self.payments: dict[str, Payment] = {}
        self.by_trans_id: dict[str, list[str]] = {}
        self.cards: dict[str, Card] = {}
        self.stopped_cards: dict[str, str] = {}  # pseudo numbers with the advice that forbids another attempt
        self.references: dict[str, Payment] = {}
        self.latest_reference: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self.changed: dict[str, Payment] = {}  # not yet in the state file
        self.remembered = Remembered()
        self.scripts = ScriptBook()
        self.agenda.clear()

    def now(self) -> datetime:
        return self.clock.now()

    def later(self, seconds: float) -> datetime:
        return self.now() + timedelta(seconds=seconds)

    def add(self, payment: Payment) -> None:
        self.payments[payment.pay_id] = payment
        self.by_trans_id.setdefault(payment.trans_id, []).append(payment.pay_id)
        if payment.card.brand:  # not of a pseudo number that nobody knows
            self.cards[payment.card.pseudo_number] = payment.card
        self.changed[payment.pay_id] = payment

    def add_action(self, payment: Payment, action: Action) -> None:
        payment.actions.append(action)
        if action.origin != "delay":
            self.counts[action.call] = self.counts.get(action.call, 0) + 1
        self.changed[payment.pay_id] = payment

    def link(self, payment: Payment) -> None:
        """Note the network's references of a successful authorization: where its chain began, which link is last."""
        self.references[payment.reference] = payment
        self.latest_reference[payment.root_reference] = payment.reference

    def of_trans_id(self, trans_id: str) -> list[Payment]:
        """The payments with a TransID, the oldest first."""
        return [self.payments[one] for one in self.by_trans_id.get(trans_id, [])]

    def numbers(self, call: str, payment: Payment) -> dict[str, int]:
        """Which number the next action of `call` has within the payment, its TransID and the account."""
        return {
            "payment": payment.count(call) + 1,
            "trans_id": sum(one.count(call) for one in self.of_trans_id(payment.trans_id)) + 1,
            "account": self.counts.get(call, 0) + 1,
        }

    def money(self, kind: str, payment: Payment, amount: int, **facts: Any) -> None:
        """Record an effect on money."""
        self.effect(
            kind,
            pay_id=payment.pay_id,
            trans_id=payment.trans_id,
            ref_nr=payment.ref_nr,
            amount_minor=amount,
            currency=payment.currency,
            **facts,
        )
        self.changed[payment.pay_id] = payment

    def expiry_again(self, payment: Payment) -> None:
        """Something is held again on a hold that had nothing left: its end is due again."""
        if payment.expires:
            self.agenda.put(datetime.fromisoformat(payment.expires), EXPIRE, payment.pay_id)

    def next_event(self) -> datetime | None:
        return self.agenda.next_due()

    async def release_events(self) -> int:
        return self.agenda.run_due()

    def set_hold(self, hold: bool) -> None:
        self.agenda.set_hold(hold)

    def pending_events(self) -> int:
        return self.agenda.pending()

    def head(self) -> dict[str, Any]:
        """What belongs to no payment."""
        return {
            "settings": self.settings.model_dump(mode="json"),
            "serial": self.ids.serial,
            "actions": self.actions,
            "stopped_cards": self.stopped_cards,
            "scripts": self.scripts.dump(),
            "agenda": self.agenda.dump(),
        }

    def dump(self) -> dict[str, Any]:
        return {**self.head(), "payments": [one.dump() for one in self.payments.values()]}

    def restore(self, data: dict[str, Any]) -> None:
        self.settings = MerchantSettings.model_validate(data["settings"])
        self.clear()
        self.ids.serial, self.actions = int(data["serial"]), int(data["actions"])
        self.stopped_cards = data["stopped_cards"]
        self.scripts.restore(data["scripts"])
        for dumped in data["payments"]:
            self._take(Payment.restore(dumped))
        every = [(action, payment) for payment in self.payments.values() for action in payment.actions]
        for action, payment in sorted(every, key=lambda one: one[0].no):
            if action.origin != "delay":
                self.counts[action.call] = self.counts.get(action.call, 0) + 1
            if action.origin == "api":
                self.remembered.keep(payment, action)
        self.agenda.restore(data["agenda"])
        self.changed.clear()

    def _take(self, payment: Payment) -> None:
        self.add(payment)
        if payment.reference:
            self.link(payment)
