"""Telling the provider that the goods are out, which insures an invoice and starts the customer's time to pay."""

from dataclasses import dataclass
from typing import ClassVar

from adapters.unzer.answers import Answer
from adapters.unzer.mapping import ERROR, NO_REPORT_NEEDED, Listed, is_out_of_time, refusal
from adapters.unzer.once import Once, Ours, Step, told
from adapters.unzer.payment import Payment, Transaction
from domain import reasons
from domain.payment_methods import method
from domain.ports import ShipmentRequest


@dataclass(frozen=True)
class Shipment(Once):
    """One report. A payment takes only one, so whoever made it, it counts."""

    request: ShipmentRequest

    anybodys: ClassVar[bool] = True
    moves_money: ClassVar[bool] = False

    @property
    def currency(self) -> str:
        return ""

    def amount_of(self, answer: Answer) -> int:
        return 0

    def is_complete(self, ours: Ours) -> bool:
        return bool(ours.effects)

    def could_be_ours(self, listed: Transaction) -> bool:
        return listed.kind is Listed.SHIPMENT and listed.status != ERROR

    def is_ours(self, answer: Answer) -> bool:
        return True

    def steps(self, payment: Payment | None, ours: Ours) -> tuple[Step, ...]:
        assert payment is not None
        row = method(payment.type.method)
        if row is not None and not row.report_shipment:
            raise self.nothing_left("")
        return (Step("shipments", told(invoiceId=self.request.invoice_no, orderId=self.request.order_reference)),)

    def is_done_by(self, answer: Answer) -> bool:
        return bool(answer.codes) and NO_REPORT_NEEDED.issuperset(answer.codes)

    def refusal_reason(self, answer: Answer, payment: Payment | None) -> str:
        return reasons.EXPIRED if is_out_of_time(answer.codes) else refusal(answer.codes)[1]
