"""The official library: one client per account, on connections that accounts with the same patience share.

Nothing is repeated here. A key appears in the `Authorization` header only: no exception, log line or repr of this
package carries one. The library's own reports about its use are switched off.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx
import stripe
from stripe import StripeClient

from adapters.stripe_psp.account import StripeAccount, base_of
from adapters.stripe_psp.answers import Refused, Reply, bad_answer
from adapters.stripe_psp.failures import judged

API_VERSION = "2026-10-28.endive"  # of the pinned library, whose types describe no other
POOL_WAIT_SECONDS = 5.0
stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)  # below, whole requests are written down, cards included


class Clients:
    """Makes and keeps the clients of all accounts, within one event loop."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[StripeAccount, StripeClient]] = {}
        self._transports: dict[tuple[float, float], stripe.HTTPXClient] = {}

    def of(self, account: StripeAccount) -> StripeClient:
        """The client of an account; a new one when its key or address changed. Raises `Misconfigured`."""
        kept = self._kept.get(account.name)
        if kept is None or kept[0] != account:
            kept = self._kept[account.name] = account, self._make(account)
        return kept[1]

    async def close(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.close_async()  # type: ignore[no-untyped-call]
        self._transports.clear()
        self._kept.clear()

    def _make(self, account: StripeAccount) -> StripeClient:
        base = base_of(account)
        return StripeClient(
            account.secret_key,
            stripe_version=API_VERSION,
            base_addresses=None if base is None else {"api": base, "files": base, "connect": base},
            max_network_retries=0,
            http_client=self._transport(account),
        )

    def _transport(self, account: StripeAccount) -> stripe.HTTPXClient:
        patience = account.timeout_seconds, account.connect_seconds
        if patience not in self._transports:
            timeout = httpx.Timeout(account.timeout_seconds, connect=account.connect_seconds, pool=POOL_WAIT_SECONDS)
            self._transports[patience] = stripe.HTTPXClient(timeout=timeout)
        return self._transports[patience]


async def exchange(
    request: Callable[[], Awaitable[stripe.StripeObject]], clock: Callable[[], datetime]
) -> Reply | Refused:
    """What became of one call of the library. Raises CallFailed when no usable answer came."""
    try:
        answered = (await request()).last_response
    except stripe.StripeError as error:
        return judged(error, clock())
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError):  # it stumbles over an unforeseen answer
        raise bad_answer() from None
    if answered is None or not isinstance(answered.data, dict):
        raise bad_answer()
    return Reply(answered.data, answered.request_id or "")
