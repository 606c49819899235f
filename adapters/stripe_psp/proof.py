"""Proves access to a Stripe account: the form of the key by looking at it, the key itself by asking for a payment that
does not exist. Nothing is changed there, and nothing of an answer is kept."""

from collections.abc import Callable
from datetime import datetime

import stripe

from adapters.stripe_psp.account import StripeAccount, base_of
from adapters.stripe_psp.answers import CallFailed, Refused
from adapters.stripe_psp.client import Clients, exchange
from domain import reasons
from domain.errors import Misconfigured, Transient
from domain.setup import AccessVerdict

_NOBODYS = "pi_holdfastasksforapaymentthatisnone"
_SECRET, _PUBLIC = ("sk_", "rk_"), "pk_"


def is_live(secret_key: str) -> bool:
    """Whether a key is for real money."""
    return secret_key.startswith(("sk_live_", "rk_live_"))


async def prove(account: StripeAccount, clock: Callable[[], datetime]) -> AccessVerdict:
    """What is wrong with key and address, or that Stripe accepts them. Raises `Transient` when it cannot be asked."""
    if account.secret_key.startswith(_PUBLIC):
        return AccessVerdict.PUBLIC_AS_SECRET
    try:
        base_of(StripeAccount(account.name, account.secret_key))
    except Misconfigured:
        return AccessVerdict.SECRET_MALFORMED
    try:
        base_of(account)
    except Misconfigured:
        return AccessVerdict.WRONG_ADDRESS
    clients = Clients()
    try:
        client = clients.of(account)
        denied = False

        async def ask() -> stripe.PaymentIntent:
            nonlocal denied
            try:
                return await client.v1.payment_intents.retrieve_async(_NOBODYS)
            except stripe.PermissionError:
                denied = True
                raise

        try:
            answer = await exchange(ask, clock)
        except CallFailed as failure:
            if denied:
                return AccessVerdict.LACKS_RIGHTS
            if failure.reason == reasons.MISCONFIGURED:
                return AccessVerdict.REFUSED
            raise Transient(failure.reason) from None
        if isinstance(answer, Refused) and answer.status == 404:
            return AccessVerdict.PROVEN
        raise Transient(reasons.BAD_ANSWER)
    finally:
        await clients.close()
