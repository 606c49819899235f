"""The wire: one pool of connections for all accounts, credentials per request, and what became of each request.

Nothing is repeated here, except once with a new bearer token after a 401. Keys appear in the `Authorization` header
only: no exception, log line or repr of this package carries one.
"""

import base64
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from adapters.per_thread import PerThread
from adapters.unzer.account import UnzerAccount
from adapters.unzer.answers import Answer, CallFailed, bad_answer, parsed, text
from adapters.unzer.mapping import is_key_refusal
from adapters.unzer.tokens import TokenCache
from domain import reasons
from domain.ports import SendPermit

KEEPALIVE_SECONDS = 3.0  # shorter than a server's own, so that no request meets a connection that is just closing
POOL_WAIT_SECONDS = 5.0
DEFAULT_PAUSE = timedelta(minutes=1)  # after a 429 that does not say how long
LONGEST_PAUSE = timedelta(hours=1)
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,8192}")
_HEADERS = {"Accept": "application/json", "Accept-Language": "en", "User-Agent": "holdfast"}


def no_permit() -> None:
    """The permit of a request that needs none."""


class UnzerClient:
    """Speaks HTTP with the provider; safe for use by many threads. `clock` gives the present in UTC."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._clock = clock
        # reading the certificates takes a while; a transport of its own brings its own
        trust = httpx.create_ssl_context() if transport is None else True
        self._http = PerThread(
            lambda: httpx.Client(
                transport=transport,
                verify=trust,
                headers=_HEADERS,
                follow_redirects=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                limits=httpx.Limits(keepalive_expiry=KEEPALIVE_SECONDS),
            )
        )
        self._tokens = TokenCache(self._new_token)

    def get(self, account: UnzerAccount, path: str, permit: SendPermit = no_permit) -> Answer:
        """Read `path` (from `/v1` on), calling `permit` immediately before. Raises CallFailed when no usable answer
        came, and what the permit raises."""
        return self._exchange(account, "GET", path, None, permit)

    def post(self, account: UnzerAccount, path: str, body: dict[str, Any], permit: SendPermit) -> Answer:
        """Send `body`, calling `permit` immediately before. Raises CallFailed, and what the permit raises."""
        return self._exchange(account, "POST", path, body, permit)

    def close(self) -> None:
        self._http.close()

    def _exchange(
        self, account: UnzerAccount, method: str, path: str, body: dict[str, Any] | None, permit: SendPermit
    ) -> Answer:
        url = account.base_url.rstrip("/") + path
        if not account.bearer:
            return self._judged(self._send(self._request(account, method, url, _basic(account), body), permit))
        for last in (False, True):
            token = self._tokens.token(account)
            response = self._send(self._request(account, method, url, f"Bearer {token}", body), permit)
            if response.status_code != httpx.codes.UNAUTHORIZED or last:
                break
            self._tokens.drop(account, token)
        return self._judged(response)

    def _request(
        self, account: UnzerAccount, method: str, url: str, authorization: str, body: dict[str, Any] | None
    ) -> httpx.Request:
        timeout = httpx.Timeout(account.timeout_seconds, connect=account.connect_seconds, pool=POOL_WAIT_SECONDS)
        try:
            return self._http.get().build_request(
                method, url, json=body, headers={"Authorization": authorization}, timeout=timeout
            )
        except (httpx.InvalidURL, ValueError):
            raise CallFailed(reasons.MISCONFIGURED, sent=False) from None

    def _send(self, request: httpx.Request, permit: SendPermit) -> httpx.Response:
        permit()
        try:
            return self._http.get().send(request)
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

    def _judged(self, response: httpx.Response) -> Answer:
        status = response.status_code
        if is_key_refusal(status):
            raise CallFailed(reasons.MISCONFIGURED, sent=False)
        if status == httpx.codes.TOO_MANY_REQUESTS:
            raise CallFailed(reasons.RATE, sent=False, retry_at=self._clock() + _pause(response))
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise CallFailed(reasons.SERVER_ERROR, sent=True)
        return parsed(status, response.content)

    def _new_token(self, account: UnzerAccount) -> str:
        """Raises CallFailed with `sent` False: whatever happened, the request that needs the token has not left."""
        url = f"{account.token_url.rstrip('/')}/v1/auth/token"
        try:
            answer = self._judged(self._send(self._request(account, "POST", url, _basic(account), None), no_permit))
        except CallFailed as failure:
            reason = reasons.UNREACHABLE if failure.sent else failure.reason
            raise CallFailed(reason, sent=False, retry_at=failure.retry_at) from None
        token = text(answer.body, "accessToken")
        if answer.refused or not _TOKEN.fullmatch(token):
            raise CallFailed(reasons.MISCONFIGURED, sent=False)
        return token


def _basic(account: UnzerAccount) -> str:
    return "Basic " + base64.b64encode(f"{account.private_key}:".encode()).decode()


def _pause(response: httpx.Response) -> timedelta:
    asked = response.headers.get("Retry-After", "").strip()
    if not asked.isascii() or not asked.isdigit() or len(asked) > 6:
        return DEFAULT_PAUSE
    return min(timedelta(seconds=int(asked)), LONGEST_PAUSE)
