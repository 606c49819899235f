"""HTTP to one database: verified TLS, Basic credentials, bounded times and sizes; says whether anything was sent."""

import ssl
import time
from functools import cache

import httpx

from adapters.per_thread import PerThread
from adapters.pixi.connection import PixiConnection
from adapters.pixi.trouble import Kind, Trouble

# An idle connection that the other side is about to close must not carry the next effect.
_KEPT_IDLE = 3.0
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_WRONG_ADDRESS = (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)


class Transport:
    """Sends to one endpoint; safe to share between threads."""

    def __init__(self, connection: PixiConnection, most_bytes: int) -> None:
        self._url = connection.base_url
        self._seconds = connection.connect_timeout + connection.read_timeout
        self._most_bytes = most_bytes
        try:
            trust = ssl.create_default_context(cafile=connection.ca_file) if connection.ca_file else _public_trust()
        except (OSError, ssl.SSLError) as error:
            raise Trouble(Kind.MISCONFIGURED, "the CA file") from error
        self._http = PerThread(
            lambda: httpx.Client(
                auth=httpx.BasicAuth(connection.user, connection.password),
                verify=trust,
                timeout=httpx.Timeout(connection.read_timeout, connect=connection.connect_timeout),
                limits=httpx.Limits(max_connections=1, keepalive_expiry=_KEPT_IDLE),
                follow_redirects=False,
            )
        )

    def description(self) -> tuple[int, bytes]:
        """The WSDL, as the endpoint gives it."""
        separator = "&" if "?" in self._url else "?"
        return self._exchange("GET", f"{self._url}{separator}wsdl", b"", {})

    def post(self, body: bytes, action: str) -> tuple[int, bytes]:
        """Status and body of the answer. Raises `Trouble` when there is none."""
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
        return self._exchange("POST", self._url, body, headers)

    def _exchange(self, verb: str, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        deadline = time.monotonic() + self._seconds
        try:
            with self._http.get().stream(verb, url, content=body, headers=headers) as answer:
                return answer.status_code, self._body(answer, deadline)
        except _NOTHING_SENT as error:
            raise Trouble(Kind.MISCONFIGURED if _untrusted(error) else Kind.UNREACHABLE, "connecting") from error
        except _WRONG_ADDRESS as error:
            raise Trouble(Kind.MISCONFIGURED, "the address") from error
        except httpx.DecodingError as error:
            raise Trouble(Kind.BAD_ANSWER, "encoding") from error
        except httpx.HTTPError as error:
            raise Trouble(Kind.NO_ANSWER, type(error).__name__) from error

    def _body(self, answer: httpx.Response, deadline: float) -> bytes:
        """The body within the bounds: an answer that drips for ever counts as none."""
        received = bytearray()
        for piece in answer.iter_bytes():
            received += piece
            if len(received) > self._most_bytes:
                raise Trouble(Kind.BAD_ANSWER, "too long")
            if time.monotonic() > deadline:
                raise Trouble(Kind.NO_ANSWER, "too slow")
        return bytes(received)

    def close(self) -> None:
        self._http.close()


@cache
def _public_trust() -> ssl.SSLContext:
    """The certificates that everybody trusts; reading them takes a while, so it is done once."""
    return httpx.create_ssl_context()


def _untrusted(error: BaseException | None) -> bool:
    """Whether the connection failed because the other side's certificate is not trusted."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
