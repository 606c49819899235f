"""Proves access to a MerchantID: what it consists of by looking at it, the rest by asking for a payment that does not
exist. Nothing is changed there."""

from adapters.computop.account import PaygateAccount, PaygateTimeouts
from adapters.computop.answers import CallFailed
from adapters.computop.client import PaygateClient, no_permit
from adapters.computop.mapping import names_no_payment
from adapters.computop.messages import Malformed, inquiry, signed
from domain import reasons
from domain.authorization.ports import Case
from domain.errors import Misconfigured, Transient
from domain.setup import AccessVerdict
from paygate.envelope import Key, Scheme
from paygate.errors import PaygateError
from paygate.merchants import is_merchant_id

_NOBODYS = "HoldfastAsksForAPaymentThatIsNon"  # 32 characters, and no hexadecimal number


def account_of(
    merchant_id: str, cipher: str, password: str, mac_password: str, base_url: str, timeouts: PaygateTimeouts
) -> PaygateAccount | AccessVerdict:
    """The account of what a merchant enters, or what is wrong with it at sight."""
    if not is_merchant_id(merchant_id):
        return AccessVerdict.ID_MALFORMED
    try:
        key = Key.of(Scheme(cipher or Scheme.BLOWFISH), password)
    except (PaygateError, ValueError):
        return AccessVerdict.SECRET_MALFORMED
    if not mac_password or any(ord(one) > 255 for one in mac_password):
        return AccessVerdict.SIGNING_MALFORMED
    try:
        return PaygateAccount("proof", merchant_id, key, mac_password, base_url, timeouts)
    except Misconfigured:
        return AccessVerdict.WRONG_ADDRESS


async def prove(account: PaygateAccount) -> AccessVerdict:
    """Whether Paygate reads our messages and believes them. Raises `Transient` when it cannot be asked."""
    client = PaygateClient()
    try:
        question = inquiry(Case(_NOBODYS, "", case_reference="holdfast-asks"), _NOBODYS)
        answer = await client.exchange(account, question.page.value, signed(account, question), no_permit)
    except (CallFailed, Malformed) as failure:
        if isinstance(failure, CallFailed) and failure.reason != reasons.MISCONFIGURED:
            raise Transient(failure.reason) from None
        return AccessVerdict.REFUSED
    finally:
        await client.close()
    if answer.refused and names_no_payment(answer.code):
        return AccessVerdict.PROVEN
    raise Transient(reasons.BAD_ANSWER)
