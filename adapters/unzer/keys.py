"""Proves a key pair: form and kind by looking at it, that the keys belong together by asking the provider.

The provider's answer is read for the public key alone and goes nowhere else: a longer form of it repeats the private
key.
"""

import re
from urllib.parse import urlsplit

from adapters.unzer.account import UnzerAccount
from adapters.unzer.answers import CallFailed, text
from adapters.unzer.client import UnzerClient
from adapters.unzer.mapping import refusal
from domain import reasons
from domain.errors import Transient
from domain.setup import KeyVerdict

LIVE_URL = "https://api.unzer.com"
SANDBOX_URL = "https://sbx-api.unzer.com"
_PRIVATE = re.compile(r"[sp]-priv-[A-Za-z0-9]+")
_PUBLIC = re.compile(r"[sp]-pub-[A-Za-z0-9]+")
_LIVE_HOSTS = frozenset({"api.unzer.com", "api.heidelpay.com"})
_SANDBOX_HOSTS = frozenset({"sbx-api.unzer.com", "stg-api.unzer.com", "sbx-api.heidelpay.com"})
_LIVE = "p"


class UnzerKeys:
    """Fulfils `administration.ports.KeyProof`. `live_url` is where keys for real money belong, `sandbox_url` where
    those for testing do; time-outs are seconds."""

    provider = "unzer"

    def __init__(
        self,
        client: UnzerClient,
        *,
        live_url: str = LIVE_URL,
        sandbox_url: str = SANDBOX_URL,
        timeout_seconds: float = 30.0,
        connect_seconds: float = 5.0,
    ) -> None:
        self._client = client
        self._live_url = live_url
        self._sandbox_url = sandbox_url
        self._timeout = timeout_seconds
        self._connect = connect_seconds

    def address(self, public_key: str) -> str:
        """Where a key of this kind is used."""
        return self._live_url if public_key.startswith(_LIVE) else self._sandbox_url

    def judge(self, base_url: str, public_key: str, private_key: str) -> KeyVerdict:
        """What is wrong with the pair, or that it is proven. Raises `Transient` when the provider cannot be asked."""
        verdict = _form(public_key, private_key)
        if verdict is None and not self._belongs(base_url, live=public_key.startswith(_LIVE)):
            verdict = KeyVerdict.WRONG_ADDRESS
        return verdict or self._asked(base_url, public_key, private_key)

    def _belongs(self, base_url: str, *, live: bool) -> bool:
        parts = urlsplit(base_url)
        if live and parts.scheme != "https":
            return False
        host, own, other = parts.hostname or "", self._live_url, self._sandbox_url
        if not live:
            own, other = other, own
        foreign = _SANDBOX_HOSTS if live else _LIVE_HOSTS
        if _origin(base_url) == _origin(own):
            return True
        return host not in foreign and _origin(base_url) != _origin(other)

    def _asked(self, base_url: str, public_key: str, private_key: str) -> KeyVerdict:
        account = UnzerAccount(
            "proof", base_url, public_key, private_key, timeout_seconds=self._timeout, connect_seconds=self._connect
        )
        try:
            answer = self._client.get(account, "/v1/keypair")
        except CallFailed as failure:
            if failure.reason == reasons.MISCONFIGURED:
                return KeyVerdict.REFUSED
            raise Transient(failure.reason) from None
        if answer.refused:
            _, reason = refusal(answer.codes)
            if reason == reasons.MISCONFIGURED:
                return KeyVerdict.REFUSED
            raise Transient(reasons.BAD_ANSWER)
        found = text(answer.body, "publicKey")
        if not found:
            raise Transient(reasons.BAD_ANSWER)
        return KeyVerdict.PROVEN if found == public_key else KeyVerdict.MISMATCH


def _form(public_key: str, private_key: str) -> KeyVerdict | None:
    public, private = _PUBLIC.fullmatch(public_key), _PRIVATE.fullmatch(private_key)
    if public and private:
        return None if public_key[0] == private_key[0] else KeyVerdict.TEST_AND_LIVE
    private_as_public, public_as_private = _PRIVATE.fullmatch(public_key), _PUBLIC.fullmatch(private_key)
    if private_as_public and public_as_private:
        return KeyVerdict.SWAPPED
    if private_as_public:
        return KeyVerdict.PRIVATE_AS_PUBLIC
    if public_as_private:
        return KeyVerdict.PUBLIC_AS_PRIVATE
    return KeyVerdict.PUBLIC_MALFORMED if not public else KeyVerdict.PRIVATE_MALFORMED


def _origin(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
