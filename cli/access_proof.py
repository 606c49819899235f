"""Asks Stripe and Paygate whether they accept what a person has entered for an account."""

import asyncio
from datetime import UTC, datetime

from adapters.computop import proof as paygate
from adapters.computop.account import DEFAULT_URL, PaygateAccount, PaygateTimeouts
from adapters.computop.handing_over import PAYGATE_HOLDS
from adapters.stripe_psp import proof as stripe
from adapters.stripe_psp.account import StripeAccount
from adapters.stripe_psp.handing_over import STRIPE_HOLDS
from administration.ports import AccountAccess
from cli.wiring import STRIPE_URL
from domain.setup import AccessVerdict

_ADDRESSES = {STRIPE_HOLDS.provider: STRIPE_URL, PAYGATE_HOLDS.provider: DEFAULT_URL}


class ProviderAccessProof:
    """Fulfils `administration.ports.AccessProof`, for threads. Time-outs are seconds."""

    def __init__(self, *, timeout_seconds: float, connect_seconds: float) -> None:
        self._timeout = timeout_seconds
        self._connect = connect_seconds

    def address(self, provider: str) -> str:
        """Where the provider itself is reached."""
        return _ADDRESSES[provider]

    def is_live(self, access: AccountAccess) -> bool:
        """A key says what it is for; a MerchantID does not, so the provider itself counts as real."""
        if access.provider == STRIPE_HOLDS.provider:
            return stripe.is_live(access.secret)
        return access.base_url.rstrip("/") == DEFAULT_URL.rstrip("/")

    def judge(self, access: AccountAccess) -> AccessVerdict:
        """What is wrong with it, or that it is proven. Raises `Transient` when the provider cannot be asked."""
        if access.provider == STRIPE_HOLDS.provider:
            base = None if access.base_url.rstrip("/") == STRIPE_URL else access.base_url
            account = StripeAccount("proof", access.secret, base, self._timeout, self._connect)
            return asyncio.run(stripe.prove(account, lambda: datetime.now(UTC)))
        found = paygate.account_of(
            access.merchant,
            access.cipher,
            access.secret,
            access.signing,
            access.base_url,
            PaygateTimeouts(self._connect, self._timeout),
        )
        return asyncio.run(paygate.prove(found)) if isinstance(found, PaygateAccount) else found
