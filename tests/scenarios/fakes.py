"""The outside as a few objects in memory: an ERP with one order and a provider with one payment.

They imitate what the sandboxes do where a decision depends on it: line statuses and phases, locks, the four amounts
of a payment, what takes effect when an answer is lost. The scenario tests on real parts hold them to the truth.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from domain import reasons
from domain.facts import CreditNoteRow, ErpSnapshot, InvoiceRow, LineSums, PaymentSnapshot, Phase, Standing
from domain.money import in_major_units
from domain.operations import Kind, Operation
from domain.outcomes import Evidence, OperationResult, Outcome
from domain.tenant_config import Language
from domain.wording import comment_text
from tests.scenarios.script import ALWAYS, EVENT, RETURN_EVENT, TAGS, Arm, How, Order, Payment, Return

METHODS = {
    "card": "card",
    "applepay": "apple_pay",
    "paypal": "paypal",
    "prepayment": "prepayment",
    "invoice": "invoice",
    "invoice-secured": "invoice_secured",
    "paylater-invoice": "paylater_invoice",
    "paylater-installment": "installment_paylater",
    "paylater-direct-debit": "direct_debit_paylater",
    "sepa-direct-debit-secured": "direct_debit_secured",
    "sofort": "sofort",
    "eps": "eps",
    "ideal": "ideal",
    "alipay": "alipay",
    "przelewy24": "przelewy24",
    "giropay": "giropay",
}
AWAIT_TRANSFER = ("prepayment", "invoice", "invoice-secured")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
UNDECIDED = ("HAL", "ANG")
CALLS = {Kind.WRITE_BANK_DATA: "bank_data", Kind.REPORT_SHIPMENT: "shipment"}


class Faults:
    """What is armed, taken one by one."""

    def __init__(self) -> None:
        self._armed: list[Arm] = []

    def arm(self, fault: Arm) -> None:
        self._armed.append(fault)

    def clear(self) -> None:
        self._armed.clear()

    def take(self, call: str) -> How | None:
        for fault in self._armed:
            if fault.call == call:
                self._armed.remove(fault)
                if fault.times == ALWAYS:
                    self._armed.append(fault)
                elif fault.times > 1:
                    self._armed.append(replace(fault, times=fault.times - 1))
                return fault.how
        return None


@dataclass
class _Line:
    worth: int
    status: str


@dataclass
class _Document:
    number: str
    total: int
    settled: bool = False
    from_return: bool = False


@dataclass
class FakeErp:
    """One order in the ERP."""

    order: Order
    number: str
    payment_id: str
    faults: Faults = field(default_factory=Faults)
    locked: bool = False
    effects: list[str] = field(default_factory=list)
    lines: list[_Line] = field(default_factory=list)
    invoices: list[_Document] = field(default_factory=list)
    credits: list[_Document] = field(default_factory=list)
    shipped_cost: bool = False
    comments: set[str] = field(default_factory=set)
    bank_data: bool = False

    def __post_init__(self) -> None:
        self.lines = [_Line(one.price * one.qty, self.order.status) for one in self.order.lines]

    # -- what people do

    def ship(self, numbers: tuple[int, ...] | None, total: int | None) -> None:
        assert not self.locked, "the ERP does not ship a locked order"
        chosen = self._chosen(numbers, "ANG")
        worth = sum(one.worth for one in chosen) + (0 if self.shipped_cost else self.order.ship_cost)
        self.shipped_cost = True
        self._move(chosen, "AUS")
        self.invoices.append(_Document(f"R{len(self.invoices) + 1}", worth if total is None else total))

    def cancel(self, numbers: tuple[int, ...] | None, *, undeliverable: bool = False) -> None:
        self._move(self._chosen(numbers, *UNDECIDED), "NLB" if undeliverable else "STO")

    def take_back(self, what: Return) -> None:
        lines = self._chosen(what.lines, "AUS")
        self._move(lines, "RET")
        worth = sum(one.worth for one in lines) + what.shipping - what.fee
        total = worth if what.total is None else what.total
        self.credits.append(_Document(f"G{len(self.credits) + 1}", total, what.settled, from_return=True))

    def reopen(self, numbers: tuple[int, ...]) -> None:
        self._move(self._chosen(numbers, "STO", "NLB"), "ANG")

    def hold_again(self) -> None:
        self._move(self._chosen(None, "ANG"), "HAL")

    def settle(self, number: str) -> None:
        next(one for one in (*self.invoices, *self.credits) if one.number == number).settled = True

    def credit(self, amount: int) -> None:
        self.credits.append(_Document(f"G{len(self.credits) + 1}", amount))

    def _chosen(self, numbers: tuple[int, ...] | None, *statuses: str) -> list[_Line]:
        found = self.lines if numbers is None else [self.lines[number - 1] for number in numbers]
        chosen = [one for one in found if one.status in statuses]
        assert chosen, f"no line in {statuses}"
        return chosen

    @staticmethod
    def _move(lines: list[_Line], status: str) -> None:
        for line in lines:
            line.status = status

    # -- what Holdfast sees and does

    @property
    def phase(self) -> Phase:
        statuses = {one.status for one in self.lines}
        if "ANG" in statuses:
            return Phase.OPEN
        return Phase.HELD if "HAL" in statuses else Phase.CLOSED

    def snapshot(self, as_of: datetime) -> ErpSnapshot:
        phase = self.phase
        tag = self.order.tag or TAGS[self.order.code]
        seen = ErpSnapshot(
            order_no=self.number,
            shop_order_no=self.order.number.format(nr=self.number),
            shop_id="DEM",
            payment_code=self.order.code,
            payment_id=self.payment_id,
            currency=self.order.currency,
            total_minor=sum(one.worth for one in self.lines) + self.order.ship_cost,
            phase=phase,
            as_of=as_of,
            digest="",
            locked=self.locked,
            payment_tag=tag if phase is Phase.HELD else None,
            held=self._sums("HAL"),
            open=self._sums("ANG"),
            shipped=self._sums("AUS"),
            cancelled=self._sums("STO", "NLB"),
            returned=self._sums("RET"),
            invoices=tuple(InvoiceRow(one.number, one.total, settled=one.settled) for one in self.invoices),
            credit_notes=tuple(
                CreditNoteRow(one.number, one.total, one.settled, one.from_return) for one in self.credits
            ),
        )
        return replace(seen, digest=str(hash(replace(seen, as_of=NEVER))))

    def _sums(self, *statuses: str) -> LineSums:
        worths = [one.worth for one in self.lines if one.status in statuses]
        return LineSums(len(worths), sum(worths))

    def carry_out(self, operation: Operation, tag: str, at: datetime) -> OperationResult:
        """The effect in steps that are found again, as the adapter does it."""
        how = self.faults.take(CALLS.get(operation.kind, operation.kind.value))
        if how is How.REFUSED:
            return OperationResult(Outcome.DECLINED, reasons.REFUSED)
        if how is How.LOST_REQUEST:
            return OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)
        match operation.kind:
            case Kind.RELEASE:
                if all(one.status not in ("HAL", "ANG", "AUS") for one in self.lines):
                    return OperationResult(Outcome.DECLINED, reasons.ORDER_STATE)
                if operation.lock:
                    self._lock(locked=True)
                if self.phase is Phase.HELD:
                    self._move(self._chosen(None, "HAL"), "ANG")
                    self.effects.append("release")
            case Kind.LOCK | Kind.UNLOCK:
                self._lock(locked=operation.kind is Kind.LOCK)
            case Kind.BOOK:
                self._book(operation)
            case Kind.WRITE_BANK_DATA if not self.bank_data:
                self.bank_data = True
                self.effects.append("bank data")
            case _:
                pass
        if how is How.LOST_ANSWER:
            return OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)
        self._comment(operation, tag, at)
        return OperationResult(Outcome.SUCCEEDED, evidence=Evidence(self.number, amount_minor=operation.amount_minor))

    def _lock(self, *, locked: bool) -> None:
        if self.locked is not locked:
            self.locked = locked
            self.effects.append("lock" if locked else "unlock")

    def _book(self, operation: Operation) -> None:
        invoice = next(one for one in (*self.invoices, *self.credits) if one.number == operation.invoice_no)
        if not invoice.settled:
            invoice.settled = True
            assert operation.booking_event == (RETURN_EVENT if invoice in self.credits else EVENT)
            amount = in_major_units(operation.amount_minor or 0, operation.currency)
            self.effects.append(f"book {invoice.number} {amount} {operation.booking_event}")

    def _comment(self, operation: Operation, tag: str, at: datetime) -> None:
        if tag in self.comments:
            return
        self.comments.add(tag)
        self.effects.append(f"comment {comment_label(operation)}")
        assert all(comment_text(operation.note, language, at) for language in Language)


def comment_label(operation: Operation) -> str:
    """A comment as rows write it: its code, and the problem that it names."""
    params = dict(operation.note.params)
    named = params.get("problem") or params.get("reason") or ""
    return f"{operation.note.code} {named}".rstrip()


@dataclass
class _Movement:
    """One transaction that we asked for."""

    place: str
    reference: str
    amount: int


@dataclass
class FakeProvider:
    """One payment at the provider, in the amounts of a real one: total, charged, canceled, remaining."""

    payment: Payment
    payment_id: str
    faults: Faults = field(default_factory=Faults)
    effects: list[str] = field(default_factory=list)
    total: int = 0
    charged: int = 0
    remaining: int = 0
    canceled: int = 0
    received: int = 0
    charged_back: int = 0
    status: str = "success"
    expired: bool = False
    shipped: bool = False
    stops_halfway: bool = False  # of a refund that takes several steps, only the first takes effect
    charges: list[int] = field(default_factory=list)  # what each charge still holds
    ours: list[_Movement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.total = self.remaining = self.payment.amount
        match self.payment.state:
            case "charged" if self.awaits_transfer:
                self.receive(self.payment.amount)
            case "charged":
                self._charge(self.payment.amount)
            case "pending":
                self.status = "pending"
            case "declined":
                self.fail()
            case _:
                pass
        if self.payment.captured:
            self._charge(self.payment.captured)

    @property
    def awaits_transfer(self) -> bool:
        return self.payment.type in AWAIT_TRANSFER

    @property
    def paylater(self) -> bool:
        return self.payment.type.startswith("paylater-")

    # -- what the customer, the bank and the merchant do

    def receive(self, amount: int) -> None:
        self.received += amount
        self._charge(amount)

    def complete(self) -> None:
        assert self.status == "pending"
        self.status = "success"

    def fail(self) -> None:
        self.status = "error"
        self.total = self.remaining = 0

    def expire(self) -> None:
        self.expired = True

    def take_back(self, amount: int) -> None:
        self.charged_back += amount
        self.charged -= amount
        self.canceled += amount
        self._take_from_charges(amount)

    def capture_by_hand(self, amount: int) -> None:
        self._charge(amount)
        self.effects.append(f"capture by hand {self._major(amount)}")

    def refund_by_hand(self, amount: int) -> None:
        self.charged -= amount
        self.canceled += amount
        self._take_from_charges(amount)
        self.effects.append(f"refund by hand {self._major(amount)}")

    def _charge(self, amount: int) -> None:
        self.charged += amount
        self.remaining -= amount
        self.charges.append(amount)

    def _take_from_charges(self, amount: int) -> None:
        for number, holds in enumerate(self.charges):
            taken = min(holds, amount)
            self.charges[number] -= taken
            amount -= taken

    def _major(self, amount: int) -> str:
        return in_major_units(amount, self.payment.currency)

    # -- what Holdfast sees and does

    def read(self, payment_id: str, as_of: datetime) -> PaymentSnapshot | None:
        """None: no usable answer."""
        if self.faults.take("read") is not None:
            return None
        if payment_id != self.payment_id:
            return PaymentSnapshot(payment_id, Standing.MISSING, as_of)
        method = METHODS.get(self.payment.type, "")
        refunded = self.canceled - self.charged_back
        return PaymentSnapshot(
            payment_id=payment_id,
            standing=self._standing(),
            as_of=as_of,
            method=method,
            foreign_type="" if method else self.payment.type,
            currency=self.payment.currency,
            total_minor=self.total,
            captured_minor=self.charged,
            refunded_minor=refunded,
            remaining_minor=self.remaining,
            received_minor=max(0, min(self.received - refunded, self.charged)) if self.awaits_transfer else 0,
            charged_back_minor=self.charged_back,
            under_review=self.remaining < 0,
            shipment_reported=self.shipped,
        )

    def _standing(self) -> Standing:
        if self.status == "error":
            return Standing.DECLINED
        if self.total == 0:
            return Standing.VOIDED
        if self.status == "pending":
            return Standing.ACCEPTED if self.awaits_transfer else Standing.PENDING
        return Standing.ACCEPTED

    def find(self, operation: Operation, reference: str) -> OperationResult | None:
        """What became of an earlier send, by our reference."""
        if operation.kind is Kind.REPORT_SHIPMENT:
            return self._done("shipments/s-shp-1", 0) if self.shipped else None
        found = [one for one in self.ours if one.reference == reference]
        return self._done(found[0].place, sum(one.amount for one in found)) if found else None

    def carry_out(self, operation: Operation, reference: str) -> OperationResult:
        how = self.faults.take(CALLS.get(operation.kind, operation.kind.value))
        if how is How.REFUSED:
            return OperationResult(Outcome.DECLINED, reasons.REFUSED)
        if how is How.EXPIRED:
            return OperationResult(Outcome.DECLINED, reasons.EXPIRED)
        if how is How.LOST_REQUEST:
            return OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)
        amount = operation.amount_minor or 0
        match operation.kind:
            case Kind.CAPTURE:
                result = self._capture(operation, reference, amount)
            case Kind.VOID:
                result = self._void(reference)
            case Kind.REFUND:
                result = self._refund(reference, amount)
            case _:
                result = self._ship()
        if how is How.LOST_ANSWER:
            return OperationResult(Outcome.UNKNOWN, reasons.NO_ANSWER)
        return result

    def _capture(self, operation: Operation, reference: str, amount: int) -> OperationResult:
        if self.expired:
            return OperationResult(Outcome.DECLINED, reasons.EXPIRED)
        if amount > self.remaining:
            return OperationResult(Outcome.DECLINED, reasons.EXCEEDS)
        self._charge(amount)
        self.effects.append(f"capture {operation.subject} {self._major(amount)}")
        return self._moved(f"charges/s-chg-{len(self.charges)}", reference, amount)

    def _void(self, reference: str) -> OperationResult:
        if self.paylater and self.charges and self.remaining > 0:
            return OperationResult(Outcome.DECLINED, reasons.UNSUPPORTED)
        amount, self.remaining = max(0, self.remaining), min(0, self.remaining)
        self.total -= amount
        if amount:
            self.effects.append(f"void {self._major(amount)}")
        return self._moved("cancels/s-cnl-1", reference, amount)

    def _refund(self, reference: str, amount: int) -> OperationResult:
        """First what is still owed is claimed no longer, then money goes back, charge by charge."""
        owed = min(amount, max(0, self.remaining)) if self.awaits_transfer else 0
        if amount - owed > self.charged:
            return OperationResult(Outcome.DECLINED, reasons.EXCEEDS)
        if owed:
            self.remaining -= owed
            self.total -= owed
            self.effects.append(f"void {self._major(owed)}")
        paid_back, steps = 0, 1 if owed else 0
        for holds in [amount - owed] if self.paylater else list(self.charges):
            part = min(holds, amount - owed - paid_back)
            if part and not (self.stops_halfway and steps):
                self.effects.append(f"refund {self._major(part)}")
                paid_back, steps = paid_back + part, steps + 1
        self.charged -= paid_back
        self.canceled += paid_back
        self._take_from_charges(paid_back)
        return self._moved("charges/s-chg-1/cancels/s-cnl-1", reference, owed + paid_back)

    def _ship(self) -> OperationResult:
        if not self.shipped:
            self.shipped = True
            self.effects.append("shipment")
        return self._done("shipments/s-shp-1", 0)

    def _moved(self, place: str, reference: str, amount: int) -> OperationResult:
        self.ours.append(_Movement(place, reference, amount))
        return self._done(place, amount)

    def _done(self, reference: str, amount: int) -> OperationResult:
        return OperationResult(Outcome.SUCCEEDED, evidence=Evidence(reference, amount_minor=amount))


@dataclass
class _Sent:
    sends: int = 0
    at: datetime | None = None


class FakeJournal:
    """How often each operation was sent, so that a repetition looks before it sends, as the real journal has it."""

    def __init__(self, in_flight: timedelta, budget: int = 5) -> None:
        self._in_flight = in_flight
        self._budget = budget
        self._rows: dict[str, _Sent] = {}

    def begin(self, operation_id: str, now: datetime, grants: int) -> tuple[bool, bool, bool]:
        """Whether it was sent before, whether that is over, and whether it may be sent now."""
        row = self._rows.setdefault(operation_id, _Sent())
        over = row.at is None or now >= row.at + self._in_flight
        return row.sends > 0, over, over and row.sends < self._budget * (1 + grants)

    def sent(self, operation_id: str, now: datetime) -> None:
        row = self._rows[operation_id]
        row.sends, row.at = row.sends + 1, now
