"""The calls of one case of one account, each with its answer read."""

from dataclasses import dataclass

from adapters.computop.account import PaygateAccount
from adapters.computop.answers import NO_PAYMENT, Answer, bad_answer
from adapters.computop.client import PaygateClient, no_permit
from adapters.computop.mapping import names_no_payment
from adapters.computop.messages import Message, inquiry, inquiry_by_case, signed
from adapters.computop.picture import PAY_ID, Picture, picture
from domain.authorization.ports import Case
from domain.ports import SendPermit
from paygate.codes import Verdict


@dataclass(frozen=True)
class Calls:
    """What can be asked of Paygate for a case. Every call raises CallFailed when no usable answer came, Malformed when
    it could not be put into a proper message, and what its permit raises: `look` is asked before each question."""

    client: PaygateClient
    account: PaygateAccount
    case: Case
    look: SendPermit = no_permit

    async def hold(self, hold_id: str) -> Picture | None:
        """A payment of this case as it stands; None when Paygate does not know it, or as another case's."""
        found = await self._asked(inquiry(self.case, hold_id))
        if found is not None and found.pay_id.lower() != hold_id.lower():
            raise bad_answer()
        return found

    async def newest(self) -> Picture | None:
        """The newest payment of this case, one that failed included; None when Paygate knows none."""
        return await self._asked(inquiry_by_case(self.case))

    async def send(self, message: Message, permit: SendPermit) -> Answer:
        """Ask for something to be done. An answer that says yes must be about the payment that was meant."""
        answer = await self._exchange(message, permit)
        if not answer.refused and not self._is_about(answer, message.values.get("PayID", "")):
            raise bad_answer()
        return answer

    async def _asked(self, message: Message) -> Picture | None:
        answer = await self._exchange(message, self.look)
        if answer.refused and names_no_payment(answer.code):
            return None
        if answer.verdict is not Verdict.SUCCESS:
            raise bad_answer()
        found = picture(answer)
        return found if answer.text("TransID") in ("", self.case.case_reference) else None

    async def _exchange(self, message: Message, permit: SendPermit) -> Answer:
        plaintext = signed(self.account, message)
        answer = await self.client.exchange(self.account, message.page, plaintext, permit)
        if answer.text("MID").lower() not in ("", self.account.merchant_id.lower()):
            raise bad_answer()
        return answer

    def _is_about(self, answer: Answer, pay_id: str) -> bool:
        told = answer.text("PayID")
        if answer.text("TransID") not in ("", self.case.case_reference):
            return False
        if pay_id:
            return told.lower() == pay_id.lower()
        return PAY_ID.fullmatch(told) is not None and told != NO_PAYMENT
