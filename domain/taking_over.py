"""Taking over an order from another application: what that one did already, as far as ERP and provider tell.

A settled document was paid for, what the provider gave back belongs to a credit note or to cancelled lines, a lock of
an order that awaits its transfer is the payment's. Where several explanations are possible nothing is guessed: the
operation is doubtful, and a person decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.facts import CreditNoteRow, ErpReported, ErpSnapshot, PaymentSnapshot, Phase, TakenOver
from domain.invoices import billed_minor
from domain.operations import WHOLE_ORDER, Cause, Kind, Operation
from domain.order_state import TAKEN_OVER_LOCK, OrderState, evolve
from domain.payment_check import all_cancelled
from domain.payment_methods import Bank, Family, PaymentMethod, method
from domain.tenant_config import OrderConfig
from domain.transfers import CANCELLED_LINES, transfer

LINES = "lines"  # how a person names the cancelled lines among what was refunded
_Item = tuple[str, int]  # a credit note's number, or '' for the cancelled lines, and what it is worth


@dataclass(frozen=True)
class Known:
    """What a person knows of the application before, beyond ERP and provider; None: nothing.

    `captured`: the invoices whose money it took. `refunded`: the credit notes whose amount it gave back, `LINES` for
    the cancelled lines. `lock_is_payments`: whether the lock that stands is there for the payment's sake.
    """

    captured: frozenset[str] | None = None
    refunded: frozenset[str] | None = None
    lock_is_payments: bool | None = None


def take_over(
    erp: ErpSnapshot,
    payment: PaymentSnapshot | None,
    config: OrderConfig,
    at: datetime,
    known: Known = Known(),
    actor: str = "",
) -> TakenOver:
    """The fact with which the order's life in Holdfast begins. `payment` is None when the order carries no id.

    An order that is still on hold was not begun by anybody: it is checked and released like a new one.
    """
    if erp.phase is Phase.HELD:
        return TakenOver(at, actor=actor)
    row = method(payment.method) if payment is not None else None
    if payment is None or row is None:
        return TakenOver(at, released=True, lock=erp.locked and known.lock_is_payments is True, actor=actor)
    work = _History(erp, payment, row, config, known)
    done, doubtful = [*work.bank_data(), *work.settled()], list[Operation]()
    if not all_cancelled(erp):  # of a cancelled order everything that is left is given back, whatever was before
        for found in (work.refunds(), work.captures()):
            done += found[0]
            doubtful += found[1]
    lock = work.lock(TakenOver(at, released=True, done=tuple(done)))
    if lock is None:
        doubtful.append(Operation(Kind.UNLOCK, TAKEN_OVER_LOCK))
    return TakenOver(at, True, lock is not False, tuple(done), tuple(doubtful), actor)


def begun(workflow_id: str, fact: TakenOver, erp: ErpSnapshot) -> OrderState:
    """The state in which the order's workflow begins."""
    return evolve(evolve(OrderState(workflow_id), fact), ErpReported(erp))


@dataclass(frozen=True)
class _History:
    """The arithmetic over one order and its payment."""

    erp: ErpSnapshot
    payment: PaymentSnapshot
    row: PaymentMethod
    config: OrderConfig
    known: Known

    def bank_data(self) -> list[Operation]:
        """They are written before the release, so that invoices can show them (rule P23); that time is over."""
        return [] if self.row.bank is Bank.NONE else [Operation(Kind.WRITE_BANK_DATA, WHOLE_ORDER)]

    def settled(self) -> list[Operation]:
        """Credit notes that were booked, by whomever: history, and no error (rule P72 is about later ones)."""
        return [
            self._operation(Kind.BOOK, one.number, one.total_minor, one.number, Cause.RETURN)
            for one in self.erp.credit_notes
            if one.settled
        ]

    # -- what was given back

    def refunds(self) -> tuple[list[Operation], list[Operation]]:
        """Which credit notes and lines the money belongs to that was given back, or claimed no longer."""
        settled = [(one.number, one.total_minor) for one in self.erp.credit_notes if one.settled]
        waiting = [(one.number, one.total_minor) for one in self._waiting()]
        lines = [("", self._lines_minor())] if self._lines_minor() > 0 else []
        given = self._given_minor()
        if self.known.refunded is not None:
            return self._told([*settled, *waiting, *lines], settled, given)
        cleared = sum(worth for _, worth in settled)
        if given == 0:
            return [], []
        if given < cleared:
            # some were settled without us seeing the money: whether one that waits was paid nobody can tell
            chosen = _subset(settled, given)
            doubtful = [] if chosen is not None or not (waiting or lines) else [*waiting, *lines]
            return self._as_refunds(chosen or ()), self._as_refunds(doubtful)
        rest = given - cleared
        if rest == 0:
            return self._as_refunds(settled), []
        if not (waiting or lines):  # of lines that were opened again perhaps: it pays for no invoice any more
            return [*self._as_refunds(settled), self._lines(rest, rest)], []
        chosen = _subset([*waiting, *lines], rest)
        if chosen is not None:
            return self._as_refunds([*settled, *chosen]), []
        if lines and not waiting and rest < lines[0][1]:
            # part of the lines perhaps (rule P69), perhaps a goodwill: what is missing is for a person to decide
            part = self._lines(rest, rest)
            return [*self._as_refunds(settled), part], [self._lines(lines[0][1], lines[0][1] - rest)]
        return self._as_refunds(settled), self._as_refunds([*waiting, *lines])

    def _told(
        self, items: Sequence[_Item], settled: Sequence[_Item], given: int
    ) -> tuple[list[Operation], list[Operation]]:
        """A person says which; what the provider contradicts stays doubtful."""
        named = [one for one in items if (one[0] or LINES) in (self.known.refunded or ())]
        if sum(worth for _, worth in named) > given + self.config.tolerance_minor:
            return [], self._as_refunds([one for one in items if one not in settled])
        return self._as_refunds(named), []

    def _waiting(self) -> list[CreditNoteRow]:
        return [one for one in self.erp.credit_notes if not one.settled and one.from_return and one.total_minor > 0]

    def _given_minor(self) -> int:
        """What went back or, of a transfer, is claimed no longer."""
        waived = max(0, self.erp.total_minor - self.payment.total_minor) if self.row.awaits_transfer else 0
        return self.payment.refunded_minor + waived

    def _lines_minor(self) -> int:
        """What cancelled lines may have been given back for (rules P61-P68)."""
        cancelled = self.erp.cancelled.total_minor
        if self.row.family is Family.PAYLATER:
            return 0
        if self.row.family is Family.MODE:
            return min(cancelled, max(0, self._taken_minor() - billed_minor(self.erp)))
        return cancelled

    def _as_refunds(self, items: Iterable[_Item]) -> list[Operation]:
        return [
            self._operation(Kind.REFUND, number, worth, number, Cause.RETURN) if number else self._lines(worth, worth)
            for number, worth in items
        ]

    def _lines(self, sum_minor: int, amount_minor: int) -> Operation:
        return self._operation(Kind.REFUND, f"{CANCELLED_LINES}/{sum_minor}", amount_minor, "", Cause.CANCELLATION)

    # -- what was taken

    def captures(self) -> tuple[list[Operation], list[Operation]]:
        """What was taken covers what was settled first; what is left of it covers the other invoices, from the first
        on, so none is taken twice. Only where less was taken than was settled, an invoice that waits may be among it.
        """
        shipped = [one for one in self.erp.invoices if one.shipped and not one.by_hand]
        cleared = self.erp.settled_left_out_minor + sum(one.total_minor for one in shipped if one.settled)
        waiting = [one for one in shipped if not one.settled]
        if not self.row.capture or not 0 < self._taken_minor() < cleared - self.config.tolerance_minor:
            return [], []
        operations = [self._operation(Kind.CAPTURE, one.number, one.total_minor, one.number) for one in waiting]
        if self.known.captured is None:
            return [], operations
        return [one for one in operations if one.subject in self.known.captured], []

    def _taken_minor(self) -> int:
        payment = self.payment
        return payment.captured_minor + payment.refunded_minor + payment.charged_back_minor

    # -- the lock

    def lock(self, so_far: TakenOver) -> bool | None:
        """Whether the lock that stands is the payment's; None where that cannot be told."""
        if self.erp.phase is not Phase.OPEN or not self.erp.locked:
            return False
        if self.known.lock_is_payments is not None:
            return self.known.lock_is_payments
        if self.row.family is not Family.PREPAYMENT:
            return False  # a refused check or a person has set it: it is theirs to lift
        state = begun("", so_far, self.erp)
        found = transfer(replace(state, payment=self.payment), self.config)
        return None if found.complete else True  # the transfer came while nobody looked, or a person has set it

    def _operation(
        self, kind: Kind, subject: str, amount_minor: int, document: str, cause: Cause | None = None
    ) -> Operation:
        return Operation(
            kind,
            subject,
            amount_minor=amount_minor,
            currency=self.erp.currency,
            payment_id=self.erp.payment_id,
            invoice_no=document,
            cause=cause,
        )


def _subset(items: Sequence[_Item], wanted: int) -> tuple[_Item, ...] | None:
    """The only choice of items that are worth `wanted` together; None where there is none, or more than one."""
    ways: dict[int, list[tuple[_Item, ...]]] = {0: [()]}
    for item in items:
        for worth, choices in sorted(ways.items(), reverse=True):
            if 0 < item[1] <= wanted - worth:
                more = ways.setdefault(worth + item[1], [])
                more += [(*one, item) for one in choices[: 2 - len(more)]]
    found = ways.get(wanted, [])
    return found[0] if len(found) == 1 else None
