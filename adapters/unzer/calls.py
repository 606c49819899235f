"""The calls on one payment of one account, each with its answer read."""

from dataclasses import dataclass

from adapters.unzer.account import UnzerAccount
from adapters.unzer.answers import Answer, CallFailed, bad_answer, flag, text
from adapters.unzer.client import UnzerClient, no_permit
from adapters.unzer.mapping import NOT_FOUND_CODE, refusal
from adapters.unzer.payment import Payment, Transaction, payment_from
from domain import reasons
from domain.outcomes import Outcome
from domain.ports import SendPermit

NOT_FOUND_STATUS = 404


@dataclass(frozen=True)
class Calls:
    """One payment at the provider. Every call raises CallFailed when no usable answer came, and what its permit
    raises: `look` is asked before each question."""

    client: UnzerClient
    account: UnzerAccount
    payment_id: str
    look: SendPermit = no_permit

    @property
    def path(self) -> str:
        return f"/v1/payments/{self.payment_id}"

    def payment(self) -> Payment | None:
        """The payment as it stands, None when the provider knows none of this id.

        The provider would also find it by the merchant's order number: that counts as not known, for an order number
        may belong to several payments.
        """
        answer = self.client.get(self.account, self.path, self.look)
        if answer.refused:
            if NOT_FOUND_CODE in answer.codes or (answer.status == NOT_FOUND_STATUS and answer.codes):
                return None
            raise _unreadable(answer)
        payment = payment_from(answer.body)
        return self._told(payment) if payment.id == self.payment_id else None

    def transaction(self, transaction: Transaction) -> Answer:
        """One transaction of this payment, which alone tells its references.

        A transaction that failed is an answer; an error in place of the transaction is none, whatever its status.
        """
        if not transaction.place:
            raise bad_answer()
        answer = self.client.get(self.account, f"{self.path}/{transaction.place}", self.look)
        if text(answer.body, "id") != transaction.place.rpartition("/")[2] or answer.body.get("errors"):
            raise _unreadable(answer)
        return answer

    def post(self, place: str, body: dict[str, str], permit: SendPermit) -> Answer:
        """Ask for a new transaction at this place below the payment."""
        return self.client.post(self.account, f"{self.path}/{place}", body, permit)

    def _told(self, payment: Payment) -> Payment:
        """Old payloads list transactions without a status: the initiating ones are then asked themselves."""
        for silent in (one for one in payment.initiating if not one.status):
            payment = payment.with_status(silent, flag(self.transaction(silent).body))
        return payment


def _unreadable(answer: Answer) -> CallFailed:
    outcome, reason = refusal(answer.codes)
    return CallFailed(reason if outcome is not Outcome.DECLINED else reasons.BAD_ANSWER, sent=True)
