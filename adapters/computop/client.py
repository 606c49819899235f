"""The wire: one pool of connections for all accounts, messages sealed and opened, and what became of each request.

Nothing is repeated here. Passwords are in no header and no address; no exception, log line or repr carries one.
"""

import asyncio
import ssl
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from adapters.computop.account import PaygateAccount
from adapters.computop.answers import Answer, CallFailed, bad_answer, opened
from domain import reasons
from domain.ports import SendPermit
from paygate.envelope import seal

KEEPALIVE_SECONDS = 3.0  # shorter than a server's own, so that no request meets a connection that is just closing
POOL_WAIT_SECONDS = 5.0
_HEADERS = {"User-Agent": "holdfast"}


def no_permit() -> None:
    """The permit of a request that needs none."""


@cache
def _trust() -> ssl.SSLContext:
    """Whose certificates are believed; reading them takes a while."""
    return httpx.create_ssl_context()


class PaygateClient:
    """Speaks HTTP with Paygate, for one event loop. `transport` is for tests."""

    def __init__(self, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        trust = _trust() if transport is None else True  # a transport of its own brings its own
        self._http = httpx.AsyncClient(
            transport=transport,
            verify=trust,
            headers=_HEADERS,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx.Limits(keepalive_expiry=KEEPALIVE_SECONDS),
        )

    async def exchange(self, account: PaygateAccount, page: str, plaintext: str, permit: SendPermit) -> Answer:
        """Send a message to `page`, calling `permit` (in a thread, for it asks SQL) immediately before.

        Raises CallFailed when no usable answer came, and what the permit raises.
        """
        form = seal(plaintext, account.key).form(account.merchant_id)
        times = account.timeouts
        timeout = httpx.Timeout(times.read_seconds, connect=times.connect_seconds, pool=POOL_WAIT_SECONDS)
        try:
            request = self._http.build_request("POST", account.page(page), data=form, timeout=timeout)
        except (httpx.InvalidURL, ValueError):
            raise CallFailed(reasons.MISCONFIGURED, sent=False) from None
        if permit is not no_permit:
            await asyncio.to_thread(permit)
        response = await self._send(request, POOL_WAIT_SECONDS + times.connect_seconds + times.read_seconds)
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise CallFailed(reasons.SERVER_ERROR, sent=True)
        if response.status_code != httpx.codes.OK:
            raise bad_answer()
        return opened(response.content, account.key)

    async def close(self) -> None:
        await self._http.aclose()

    async def _send(self, request: httpx.Request, patience: float) -> httpx.Response:
        try:
            async with asyncio.timeout(patience):  # an answer that trickles in ends no read
                return await self._http.send(request)
        except TimeoutError:
            raise CallFailed(reasons.NO_ANSWER, sent=True) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError):
            raise CallFailed(reasons.UNREACHABLE, sent=False) from None
        except httpx.PoolTimeout:
            raise CallFailed(reasons.BUSY, sent=False) from None
        except httpx.UnsupportedProtocol:
            raise CallFailed(reasons.MISCONFIGURED, sent=False) from None
        except httpx.DecodingError:
            raise bad_answer() from None
        except httpx.HTTPError:
            raise CallFailed(reasons.NO_ANSWER, sent=True) from None
